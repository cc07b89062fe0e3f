"""An authorized socket: its session, its place in the event log, the symbols it reads."""

import asyncio
from typing import Any

from channels.db import database_sync_to_async

from api.authentication import user_of
from api.tokens import SessionToken
from core.clock import now
from core.errors import BrokerError
from realtime.follower import Follower
from realtime.outbox import Outbox

SESSION_ENDED = 4401


class Member:
    """What the hub knows of a socket."""

    def __init__(self, token: SessionToken, outbox: Outbox) -> None:
        claims: Any = token.payload
        self.login: int = claims["login"]
        self.outbox = outbox
        self.follower = Follower(self.login, outbox)
        self.symbols: set[str] = set()
        self._token = token
        self._jti: str = claims["jti"]
        left = max(0, claims["exp"] - now())
        self._expiry = asyncio.get_running_loop().call_later(left, self.end)

    async def user(self) -> Any:
        """The session's user.

        Raises:
            Unauthenticated: the session was ended, or the user disabled.
        """
        return await database_sync_to_async(user_of)(self._token)

    async def valid(self) -> bool:
        """Whether the session still is what it was when it was authorized."""
        try:
            await self.user()
        except BrokerError:
            return False
        return True

    def end(self, jti: str = "") -> None:
        """The session `jti` has ended; an empty one means every session of the login."""
        if jti in ("", self._jti):
            self.outbox.close(SESSION_ENDED)

    def stop(self) -> None:
        """The socket is gone."""
        self._expiry.cancel()
        self.follower.stop()
