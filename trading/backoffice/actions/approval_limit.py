"""The limit above which money needs the approval of a second member of the staff."""

from django.conf import settings

from backoffice.actions.action import Money
from core.money import ZERO
from market.catalog import current_converter
from market.conversion import ConversionSide
from market.errors import OffQuotes
from market.quotes.quote import LatestQuotes


def above_approval_limit(money: Money) -> Money | None:
    """Return the money if it is above APPROVAL_ABOVE or cannot be converted, else None."""
    if not settings.APPROVAL_ABOVE:
        return None
    try:
        rate = current_converter().find_rate(
            money.currency, settings.APPROVAL_CURRENCY, ConversionSide.MID, LatestQuotes()
        )
    except OffQuotes:
        return money
    above = abs(money.amount) * rate.value > settings.APPROVAL_ABOVE + ZERO
    return money if above else None
