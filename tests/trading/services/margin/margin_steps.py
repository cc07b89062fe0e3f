"""Short ways to act on and check an account in the tests of the margin rules."""

from decimal import Decimal
from typing import Any

from accounts.models import Account
from market.quotes.quote import LatestQuotes, Quote
from realtime.models import AccountEvent
from tests import factories
from trading import services
from trading.enums import Cmd
from trading.models import MarginAction, Trade

D = Decimal
Kind = MarginAction.Kind


def open_position(
    account: Account, symbol: str, volume: int, cmd: Cmd = Cmd.BUY, **fields: Any
) -> Trade:
    """Open a position at the newest quote."""
    return services.open_market(
        login=account.login, cmd=cmd, symbol=symbol, volume=volume, **fields
    )


def check_margin(account: Account, quote: Quote) -> list[Trade]:
    """Check the account's margin as the engine does, by the newest quotes."""
    return services.enforce_margin_levels(login=account.login, quotes=LatestQuotes(), quote=quote)


def move_price(
    account: Account, symbol: str, bid: float, ask: float = 0, **times: int
) -> list[Trade]:
    """Publish a quote (without spread if no ask is given), and check the margin."""
    return check_margin(account, factories.quote(symbol, bid, ask or bid, **times))


def margin_actions(account: Account) -> list[MarginAction]:
    """Return the account's margin actions, oldest first."""
    return list(MarginAction.objects.filter(account=account).order_by("id"))


def margin_action_kinds(account: Account) -> list[str]:
    return [action.kind for action in margin_actions(account)]


def events_after(account: Account, after: int = 0) -> list[list[Any]]:
    """Return the account's events after a seq, as arrays of the stream."""
    rows = AccountEvent.objects.filter(login=account.login, seq__gt=after).order_by("seq")
    return [row.event for row in rows]


def last_seq(account: Account) -> int:
    account.refresh_from_db()
    return account.seq


def open_orders(account: Account) -> list[int]:
    """Return the account's open positions, oldest first."""
    rows = Trade.objects.positions().filter(account=account).order_by("order")
    return list(rows.values_list("order", flat=True))


def change_group(account: Account, **fields: Any) -> None:
    """Change settings of the account's group."""
    type(account.group).objects.filter(pk=account.group_id).update(**fields)
    account.group.refresh_from_db()
