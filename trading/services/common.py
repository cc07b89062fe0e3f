"""The steps that several services share."""

from decimal import Decimal
from typing import Any

from accounts.models import Account
from core.errors import Denied
from core.joined import Joined
from core.json import plain
from core.money import cents
from market.catalog import converter, named
from market.conversion import Rate
from market.models import Symbol
from market.quotes import Quote, Quotes
from trading import errors, evidence, formulas, metrics
from trading.models import Fill, Trade
from trading.valuation import Figures, Valuation

COMMENT_LENGTH = 128
LIVE = Joined(
    """
SELECT {columns} FROM trading_trade AS trade WHERE login = %s AND state = 0 ORDER BY "order" DESC
""",
    lambda: {"trade": Trade},
)
LOCKED = Joined(
    """
SELECT {columns} FROM trading_trade AS trade JOIN market_symbol AS symbol
ON symbol.name = trade.symbol WHERE trade."order" = %s FOR NO KEY UPDATE OF trade
""",
    lambda: {"trade": Trade, "symbol": Symbol},
)
# The group's choices that decide about fills; those of stop-outs are in `trading.margin_log`.
RULES = (
    "conversion", "margin_mode", "margin_rate_mode", "hedge_margin", "hedge_price",
    "hedge_allowed", "fifo", "gap_rule", "allow_sl_tp_slippage",
)  # fmt: skip


def live_trades(account: Account) -> list[Trade]:
    """The account's positions and pendings; stable while the account's row is locked.

    Their symbols are the catalog's, which every valuation goes by.
    """
    trades = [trade for (trade,) in LIVE.fetch([account.login])]
    for trade in trades:
        trade.symbol = named(trade.symbol_id)
    return trades


def locked_trade(
    account: Account, order: int, foreign: type[Denied] = Denied
) -> tuple[Trade, Symbol]:
    """One of the account's orders under lock, with its symbol. The account is locked already.

    Raises:
        TradeNotFound: no such order, or a finance operation.
        Denied (or `foreign`): the order belongs to another login.
    """
    rows = LOCKED.fetch([order])
    if not rows:
        raise errors.TradeNotFound
    trade, symbol = rows[0]
    if trade.account_id != account.login:
        raise foreign("the order belongs to another login")
    trade.symbol = symbol
    return trade, symbol


def admit(valuation: Valuation, trade: Trade, price: Decimal, live: list[Trade]) -> dict[str, Rate]:
    """Give a new position its margin rate and commission, if the free margin bears it.

    The free margin after it, with its own commission and spread, must not be negative.

    Raises:
        NoMoney: it would be.
        OffQuotes: nothing converts the margin or the commission.
    """
    rates = charge(valuation, trade, price)
    if valuation.free_with(beside(trade, live), trade) < 0:
        raise errors.NoMoney
    return rates


def charge(valuation: Valuation, trade: Trade, price: Decimal) -> dict[str, Rate]:
    """Give an order its margin rate and its commission; answers the rates, which are evidence.

    Raises OffQuotes.
    """
    symbol = trade.instrument
    rates = {"margin": valuation.margin_rate(symbol, trade.direction)}
    trade.margin_rate = rates["margin"].value
    amount, currency = formulas.commission(symbol, trade.volume, price)
    if currency is not None and amount:
        rates["commission"] = valuation.charge_rate(currency)
        amount *= rates["commission"].value
    trade.commission = -cents(amount, valuation.currency)
    return rates


def figures_with(valuation: Valuation, trade: Trade, live: list[Trade]) -> Figures:
    """The account's figures with the order among its open positions."""
    return valuation.figures([*beside(trade, live), trade])


def beside(trade: Trade, live: list[Trade]) -> list[Trade]:
    """The open positions without the order itself."""
    return [other for other in live if other.is_position and other.order != trade.order]


def valuation_of(account: Account, quotes: Quotes) -> Valuation:
    """The formulas for the account at these quotes; what is not known raises OffQuotes."""
    return Valuation(account, converter(), quotes, strict=True)


def record(
    kind: Fill.Kind,
    trade: Trade,
    account: Account,
    *,
    price: Decimal,
    time: int,
    quote: Quote,
    before: Figures | None = None,
    after: Figures | None = None,
    **rates: Rate,
) -> None:
    """Store what a fill was decided with; `trading.around` adds the quotes around it.

    The currency and the symbol's contract are what `check_ledger` proves its profit by: both may
    be changed later.
    """
    group, symbol = account.group, trade.instrument
    rules: dict[str, Any] = {name: getattr(group, name) for name in RULES}
    rules |= {
        "leverage": account.leverage,
        "currency": group.currency,
        "contract_size": plain(symbol.contract_size),
        "tick_factor": plain(formulas.tick_factor(symbol)),
    }
    Fill.objects.create(
        trade=trade,
        kind=kind,
        time=time,
        price=price,
        volume=trade.volume,
        quote=evidence.told(quote),
        rates={name: [str(rate.value), rate.chain] for name, rate in rates.items()},
        rules=rules,
        before=evidence.stored(before),
        after=evidence.stored(after),
    )
    metrics.filled(kind, trade)
