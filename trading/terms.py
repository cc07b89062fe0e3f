"""Tells the market which symbols are traded, so that nobody changes what the trades stand on."""

from typing import Any

from django.dispatch import receiver

from market.models import Symbol
from market.terms import asked_whether_used
from trading.models import Trade


@receiver(asked_whether_used)
def is_traded(symbol: Symbol, **_: Any) -> bool:
    """Whether there are positions or pendings of the symbol."""
    return Trade.objects.live().filter(symbol=symbol).exists()
