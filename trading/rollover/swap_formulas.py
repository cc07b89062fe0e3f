"""The swap of one night: pure, in `Decimal`, nothing rounded (domain rules, section 4)."""

from decimal import Decimal

from core.money import round_to_currency
from market.enums import SwapType
from market.models import LOT, Symbol

YEAR = 360  # days of an interest year
HUNDRED = 100


def swap_rate(symbol: Symbol, direction: int) -> Decimal:
    """Return the symbol's swap of longs (+1) or shorts (-1); positive is credited."""
    return symbol.swap_long if direction > 0 else symbol.swap_short


def swap_of_night(
    symbol: Symbol, direction: int, volume: int, price: Decimal
) -> tuple[Decimal, str | None]:
    """Return what one night is worth, positive when credited, and its currency.

    The currency is None where it is the account's. `volume` is in minimal lots; `price` is P of the
    interest types, points and money do not use it (domain rules, section 4).
    """
    rate, units = swap_rate(symbol, direction), symbol.base_units(volume)
    match SwapType(symbol.swap_type):
        case SwapType.POINTS:
            return rate * symbol.point * units, symbol.quote_currency
        case SwapType.MONEY:
            return rate * volume / LOT, None
        case SwapType.MARGIN_CURRENCY:
            return rate * volume / LOT, symbol.margin_currency
    return rate * price * units / (HUNDRED * YEAR), symbol.quote_currency


def split_by_volume(amount: Decimal, volumes: list[int], currency: str) -> list[Decimal]:
    """Split a rounded amount by volume; the last share takes the remainder: nothing is lost."""
    parts = [round_to_currency(amount * volume / sum(volumes), currency) for volume in volumes[:-1]]
    return [*parts, amount - sum(parts)]
