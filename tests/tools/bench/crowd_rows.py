"""Accounts and orders by the thousand, which one tick reaches."""

import itertools
from collections.abc import Iterable, Iterator

from accounts.models import Account, Group, User
from core.clock import now
from market.enums import SwapType
from market.models import LastQuote
from tests import factories
from trading.enums import Cmd, State
from trading.models import Trade

PRICE, SPREAD, FALLEN = 1.1, 0.0001, 1.0
STOP, FAR = "1.05", "0.5"
# A symbol for each case, so that the tick of one reaches nothing of another.
STOPS, STOP_OUTS, PENDINGS, ONE_ACCOUNT, BURST, BESIDE, SWAPS = (
    "EURUSD", "GBPUSD", "AUDUSD", "NZDUSD", "CADUSD", "CHFUSD", "SGDUSD",
)  # fmt: skip
SYMBOLS = (STOPS, STOP_OUTS, PENDINGS, ONE_ACCOUNT, BURST, BESIDE, SWAPS)
FIRST = 1_000_000  # login
next_login = itertools.count(FIRST)
CHUNK = 5000


def write_symbols() -> Group:
    """Write the symbols with quotes; return the accounts' group."""
    for name in SYMBOLS:
        swaps = {"swap_enable": True, "swap_type": SwapType.POINTS, "swap_long": -7}
        factories.symbol(name, quote_timeout=86_400, **(swaps if name == SWAPS else {}))
    publish_start()
    LastQuote.objects.bulk_create(
        LastQuote(symbol_id=name, bid=PRICE, ask=PRICE + SPREAD, time=0, received=0, number=0)
        for name in SYMBOLS
    )
    return factories.group(
        "crowd", leverage=100, margin_call=60, margin_stopout=30, max_positions=100_000
    )


def publish_start() -> None:
    """Publish the price of all symbols, so that none is stale."""
    factories.publish(*((name, PRICE, PRICE + SPREAD) for name in SYMBOLS))


def write_accounts(group: Group, count: int, balance: int = 1_000_000) -> list[int]:
    """Write accounts; return their logins."""
    logins = list(itertools.islice(next_login, count))
    users = (User(login=login, regdate=0) for login in logins)
    User.objects.bulk_create(users, batch_size=CHUNK)
    accounts = (
        Account(user_id=login, group=group, leverage=group.leverage, balance=balance)
        for login in logins
    )
    Account.objects.bulk_create(accounts, batch_size=CHUNK)
    return logins


def write_trades(trades: Iterable[Trade]) -> None:
    """Write open trades."""
    found: Iterator[Trade] = iter(trades)
    while chunk := list(itertools.islice(found, CHUNK)):
        Trade.objects.bulk_create(chunk)


def position(login: int, symbol: str, **fields: object) -> Trade:
    """Return a long position of 0.1 lots."""
    values = {"cmd": Cmd.BUY, "volume": 10, "open_price": f"{PRICE + SPREAD:.4f}"} | fields
    return Trade(
        account_id=login, symbol_id=symbol, digits=5, state=State.OPEN,
        **{"open_time": now(), **values},
    )  # fmt: skip


def write_stops(group: Group, symbol: str, accounts: int) -> list[int]:
    """Write accounts with a position whose stop is reached, and two that stay; return logins."""
    logins = write_accounts(group, accounts)
    write_trades(position(login, symbol, sl=stop) for login in logins for stop in (STOP, FAR, FAR))
    return logins


def write_stop_outs(group: Group, accounts: int, positions: int) -> None:
    """Write accounts with so little money that the fall stops them out of everything."""
    logins = write_accounts(group, accounts, 110 * positions)
    write_trades(position(login, STOP_OUTS) for login in logins for _ in range(positions))


def write_pendings(group: Group, accounts: int) -> None:
    """Write accounts with a buy limit that the fall reaches."""
    logins = write_accounts(group, accounts)
    limit = {"cmd": Cmd.BUY_LIMIT, "open_price": STOP}
    write_trades(position(login, PENDINGS, **limit) for login in logins)


def write_one_account(group: Group, positions: int) -> None:
    """Write one account all of whose stops are reached."""
    (login,) = write_accounts(group, 1, 1_000_000_000)
    write_trades(position(login, ONE_ACCOUNT, sl=STOP) for _ in range(positions))
