"""The steps that several services share."""

from decimal import Decimal

from accounts.models import Account
from core.errors import Denied
from core.money import cents
from market.catalog import converter
from market.conversion import Rate, Side
from market.models import Symbol
from market.quotes import Quote, Quotes
from trading import errors, formulas
from trading.models import Fill, Trade
from trading.valuation import Figures, Valuation

COMMENT_LENGTH = 128


def live_trades(account: Account) -> list[Trade]:
    """The account's positions and pendings; stable while the account's row is locked."""
    return list(Trade.objects.live().filter(account=account).select_related("symbol"))


def locked_trade(
    account: Account, order: int, foreign: type[Denied] = Denied
) -> tuple[Trade, Symbol]:
    """One of the account's orders under lock, with its symbol. The account is locked already.

    Raises:
        TradeNotFound: no such order, or a finance operation.
        Denied (or `foreign`): the order belongs to another login.
    """
    rows = Trade.objects.select_related("symbol").select_for_update(of=("self",), no_key=True)
    trade = rows.filter(pk=order, symbol__isnull=False).first()
    if trade is None or trade.symbol is None:
        raise errors.TradeNotFound
    if trade.account_id != account.login:
        raise foreign("the order belongs to another login")
    return trade, trade.symbol


def admit(valuation: Valuation, trade: Trade, price: Decimal, live: list[Trade]) -> Rate:
    """Give a new position its margin rate and commission, if the free margin bears it.

    The free margin after it, with its own commission and spread, must not be negative.

    Raises:
        NoMoney: it would be.
        OffQuotes: nothing converts the margin or the commission.
    """
    rate = charge(valuation, trade, price)
    if valuation.free_with(beside(trade, live), trade) < 0:
        raise errors.NoMoney
    return rate


def charge(valuation: Valuation, trade: Trade, price: Decimal) -> Rate:
    """Give an order its margin rate, which is answered, and its commission. Raises OffQuotes."""
    symbol = trade.instrument
    rate = valuation.margin_rate(symbol, trade.direction)
    trade.margin_rate = rate.value
    amount, currency = formulas.commission(symbol, trade.volume, price)
    if currency is not None and amount:
        amount *= valuation.converter.rate(
            currency, valuation.currency, Side.BOUGHT, valuation.quotes
        ).value
    trade.commission = -cents(amount, valuation.currency)
    return rate


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
    **rates: Rate,
) -> None:
    """Store what a fill was decided with."""
    group = account.group
    Fill.objects.create(
        trade=trade,
        kind=kind,
        time=time,
        price=price,
        volume=trade.volume,
        quote=[float(quote.bid), float(quote.ask), quote.time, quote.received, quote.number],
        rates={name: [str(rate.value), rate.chain] for name, rate in rates.items()},
        rules={
            "conversion": group.conversion,
            "margin_rate_mode": group.margin_rate_mode,
            "gap_rule": group.gap_rule,
            "allow_sl_tp_slippage": group.allow_sl_tp_slippage,
            "leverage": account.leverage,
        },
    )
