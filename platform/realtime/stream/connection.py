"""An authorized WebSocket: its session, its event cursor and the symbols it reads."""

import asyncio
from collections.abc import Callable

from core.clock import now
from core.session_tokens import VERSION_CLAIM, SessionToken, user_of
from core.users import Account
from realtime.stream.database import run_query
from realtime.stream.event_cursor import EventCursor
from realtime.stream.outbox import Outbox
from realtime.stream.price_views import PriceView

SESSION_ENDED = 4401
SessionKey = tuple[int, int, str]  # login, session version, jti


class StreamConnection:
    """An authorized WebSocket, as the hub knows it."""

    def __init__(self, token: SessionToken, outbox: Outbox) -> None:
        claims = token.payload
        self.login: int = claims["login"]
        self.outbox = outbox
        self.cursor = EventCursor(self.login, outbox)
        self.symbols: dict[str, PriceView | None] = {}  # that it reads, and how it sees them
        self.group = 0  # id of the account's group, known once authorized
        self.hidden_symbols = ""  # name pattern of the account's group, known once authorized
        self.hides: Callable[[str], bool] = lambda _symbol: False
        self._token = token
        self._jti: str = claims["jti"]
        self.session: SessionKey = (self.login, claims[VERSION_CLAIM], self._jti)
        left = max(0, claims["exp"] - now())
        self._expiry = asyncio.get_running_loop().call_later(left, self.end_session)

    async def load_account(self) -> Account | None:
        """Return the session's account, None where it has none; store its group.

        Raises:
            Unauthenticated: the session was ended.
            RET_ACCOUNT_DISABLED: the account was disabled.
        """
        user = await run_query(user_of, self._token)
        account = None if user.is_staff else getattr(user, "account", None)
        if account is not None:
            group = account.group
            self.group, self.hides = group.pk, group.hides
            self.hidden_symbols = group.hidden_symbols
        return account

    def end_session(self, jti: str = "", *, spared_jti: str | None = None) -> None:
        """Close if the session is `jti`, or with an empty `jti` any but the spared one."""
        if jti in ("", self._jti) and self._jti != spared_jti:
            self.outbox.close(SESSION_ENDED)

    def stop(self) -> None:
        """Stop the timer and the cursor of a socket that is gone."""
        self._expiry.cancel()
        self.cursor.stop()
