"""What a group's mark-up earned the broker: part of the prices, and so of the client's result."""

from decimal import Decimal

from core.money import ZERO
from market.quotes.quote import Quote
from trading.models import Trade
from trading.valuation import formulas
from trading.valuation.partial_close import RealisedShare, realised_share


def opening_markup(quote: Quote, direction: int) -> Decimal:
    """Return by how much the mark-up makes a price to open at worse for the client.

    It is below zero where a fixed spread is narrower than the market's.
    """
    return direction * (quote.opening_price(direction) - quote.market.opening_price(direction))


def closing_markup(quote: Quote, direction: int) -> Decimal:
    """Return by how much the mark-up makes a price to close at worse for the client."""
    return direction * (quote.market.closing_price(direction) - quote.closing_price(direction))


def share_of_markup(
    trade: Trade, volume: int, quote: Quote, rate: Decimal, currency: str
) -> RealisedShare:
    """Return what both sides of a close of `volume` minimal lots earned, by the deal's rate.

    The parts of a position add up to its whole, as their profits do.
    """
    move = trade.open_markup + closing_markup(quote, trade.direction)
    if not move and not trade.realized_markup:
        return RealisedShare(ZERO, ZERO)
    symbol = trade.instrument
    units, factor = symbol.base_units(volume), formulas.tick_factor(symbol)
    earned = formulas.value_of_move(1, ZERO, move, units, factor) * rate
    return realised_share(trade.realized_markup, earned, currency)
