"""Admission of a new position: its margin rate, its commission and the free margin."""

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
