"""Trades of every kind, and the same as plain dicts with the profit worked out by hand."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from accounts.models import Account
from market.models import Symbol
from tests import factories
from trading.enums import FINANCE_CMDS, MARKET_CMDS, PENDING_CMDS, Cmd, State
from trading.models import Trade

Row = dict[str, Any]
D = Decimal
CENT = D("0.01")
EURUSD_BID, EURUSD_ASK = D("1.1"), D("1.1001")
USDJPY_BID, USDJPY_ASK = D("150.1"), D("150.12")
COMMENTS = (
    "", "plain", "Plain", "PLAIN text", "100%", "%", "_", "a_b", "axb", "a\\_b", "\\", "\\%",
    "'; DROP TABLE trading_trade; --", "%s", "{0}", '"quoted"', "Größe", "GRÖSSE", "line\nbreak",
    "日本", "🙂", " ", "null",
)  # fmt: skip


@dataclass(frozen=True)
class SampleTrades:
    """An account and all that `GET /trades` may ever show of it."""

    account: Account
    rows: list[Row]


def create_trades(seed: int = 7) -> SampleTrades:
    """Create the symbols, quotes and trades, those of another account as well."""
    random = Random(seed)
    symbols: list[Symbol] = [
        factories.symbol("EURUSD"),
        factories.symbol("USDJPY", digits=3),
        factories.symbol("GBPUSD"),  # without a quote: no floating profit
    ]
    factories.quote("EURUSD", float(EURUSD_BID), float(EURUSD_ASK))
    factories.quote("USDJPY", float(USDJPY_BID), float(USDJPY_ASK))
    usd = factories.group("demo-usd")
    account = factories.client(100001, usd, deposit="0")
    other = factories.client(100002, usd, deposit="5")
    made = [
        random_trade(random, owner, cmd, state, symbols)
        for owner, times in ((account, 3), (other, 1))
        for cmd, state in KINDS
        for _ in range(times)
    ]
    wholes = [one for one in made if one.state != State.CLOSED_PART]
    Trade.objects.bulk_create(wholes)
    pieces = [one for one in made if one.state == State.CLOSED_PART]
    for one in pieces:
        own = [other for other in wholes if other.account_id == one.account_id]
        one.parent = random.choice(own)
    Trade.objects.bulk_create(pieces)
    return SampleTrades(account, [as_dict(one) for one in made if one.account_id == account.login])


KINDS = [
    *((cmd, state) for cmd in MARKET_CMDS for state in (State.OPEN, State.OPEN, State.CLOSED)),
    *((cmd, State.CLOSED_PART) for cmd in MARKET_CMDS),
    *((cmd, state) for cmd in PENDING_CMDS for state in (State.OPEN, State.DELETED)),
    *((cmd, State.CLOSED) for cmd in FINANCE_CMDS),
]


def random_trade(
    random: Random, account: Account, cmd: Cmd, state: State, symbols: list[Symbol]
) -> Trade:
    """Return a trade with few different values, so that filters hit and orders tie."""
    symbol = None if cmd in FINANCE_CMDS else random.choice(symbols)
    ended = state != State.OPEN
    return Trade(
        account=account,
        symbol=symbol,
        cmd=cmd,
        state=state,
        reason=random.randrange(8),
        volume=random.choice((0, 1, 10, 100, 250)) if symbol else 0,
        open_time=1_700_000_000 + random.randrange(6),
        close_time=1_700_000_100 + random.randrange(6) if ended else 0,
        open_price=random.choice((D("1.1"), D("1.09995"), D("150.125"), D("1E-8"))),
        close_price=random.choice((D(0), D("1.2"))) if ended else D(0),
        sl=random.choice((D(0), D("1.05"))),
        tp=random.choice((D(0), D("1.15"))),
        profit=random.choice((D(0), D("-12.34"), D("5.5"), D("1000"))) if ended else D(0),
        commission=random.choice((D(0), D("-0.07"))),
        storage=random.choice((D(0), D("-1.5"), D("0.3"))),
        comment=random.choice(COMMENTS),
        digits=symbol.digits if symbol else 2,
        expiration=random.choice((0, 1_800_000_000)),
        closed_volume=random.choice((0, 10, 30)) if symbol else 0,
    )


def as_dict(one: Trade) -> Row:
    """Return the row as the contract describes it, then what can only be filtered by."""
    profit = floating_profit(one) if one.is_position else one.profit
    return {
        "order": one.order,
        "login": one.account_id,
        "cmd": int(one.cmd),
        "state": int(one.state),
        "symbol": one.symbol_id or "",
        "reason": one.reason,
        "volume": one.volume,
        "open_time": one.open_time,
        "close_time": one.close_time,
        "open_price": one.open_price,
        "close_price": one.close_price,
        "sl": one.sl,
        "tp": one.tp,
        "profit": profit,
        "net_profit": profit + one.commission + one.storage,
        "commission": one.commission,
        "storage": one.storage,
        "comment": one.comment,
        "digits": one.digits,
        "expiration": one.expiration,
        "update_time": max(one.open_time, one.close_time),
        "parent_order": one.parent_id or 0,
        "closed_volume": one.closed_volume,
        "partial_close_volume": one.volume if one.state == State.CLOSED_PART else 0,
        "group": one.account.group.name,
    }


def floating_profit(one: Trade) -> Decimal:
    """Return the profit at bid or ask: 1,000 units a minimal lot, yen at the worse side."""
    long = one.cmd == Cmd.BUY
    sign = 1 if long else -1
    if one.symbol_id == "EURUSD":
        price = EURUSD_BID if long else EURUSD_ASK
        amount = sign * (price - one.open_price) * one.volume * 1000
    elif one.symbol_id == "USDJPY":
        price = USDJPY_BID if long else USDJPY_ASK
        yen = sign * (price - one.open_price) * one.volume * 1000
        amount = yen / (USDJPY_ASK if yen >= 0 else USDJPY_BID)
    else:
        amount = D(0)
    return D(amount).quantize(CENT, ROUND_HALF_UP)
