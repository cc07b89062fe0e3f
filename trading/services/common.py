"""Steps that several trading services share: locking, admission, evidence of fills."""

from decimal import Decimal

from accounts.models import Account
from core.money import cents
from market.catalog import converter
from market.conversion import Rate
from market.quotes import Quotes
from trading import errors, formulas
from trading.models import Trade
from trading.valuation import Figures, Valuation

COMMENT_LENGTH = 128


def admit(valuation: Valuation, trade: Trade, price: Decimal, live: list[Trade]) -> dict[str, Rate]:
    """Set a new position's margin rate and commission; refuse it if margin does not suffice.

    The free margin after it, with its own commission and spread, must not be negative.
    Returns the rates, which are evidence.

    Raises:
        NoMoney: it would be negative.
        OffQuotes: nothing converts the margin or the commission, or a position has no
            price.
    """
    rates = charge(valuation, trade, price)
    if valuation.free_with(beside(trade, live), trade) < 0:
        raise errors.NoMoney
    return rates


def charge(valuation: Valuation, trade: Trade, price: Decimal) -> dict[str, Rate]:
    """Set an order's margin rate and commission; return the rates, which are evidence.

    Raises:
        OffQuotes: nothing converts the margin or the commission.
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
    """Return the account's figures with the order among its open positions."""
    return valuation.figures([*beside(trade, live), trade])


def beside(trade: Trade, live: list[Trade]) -> list[Trade]:
    """Return the open positions without the order itself."""
    return [other for other in live if other.is_position and other.order != trade.order]


def valuation_of(account: Account, quotes: Quotes) -> Valuation:
    """Return the account's valuation at these quotes; an unknown price raises OffQuotes there."""
    return Valuation(account, converter(), quotes, strict=True)
