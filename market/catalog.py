"""The converter over all symbols, kept for a few seconds: currencies of symbols hardly change."""

import time

from django.db.models.signals import post_delete, post_save

from market.conversion import Converter
from market.models import Symbol

LIFE = 10.0  # seconds after which another process's change of a symbol is seen
_kept: tuple[float, Converter] | None = None


def converter() -> Converter:
    """The conversion paths over the symbols as they are now."""
    global _kept  # noqa: PLW0603 - the cache of this process
    if _kept is None or time.monotonic() - _kept[0] > LIFE:
        _kept = (time.monotonic(), Converter(Symbol.objects.all()))
    return _kept[1]


def forget(**_: object) -> None:
    """Drop what is kept; called when a symbol was written in this process."""
    global _kept  # noqa: PLW0603
    _kept = None


post_save.connect(forget, sender=Symbol)
post_delete.connect(forget, sender=Symbol)
