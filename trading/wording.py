"""The names of the numbers that evidence is stored with."""

from typing import Any

from django.db.models import Choices

from accounts import enums
from market.enums import SwapType

SPELT: dict[str, type[Choices]] = {
    "conversion": enums.Conversion,
    "margin_rate_mode": enums.RateMode,
    "hedge_margin": enums.HedgeMargin,
    "hedge_price": enums.HedgePrice,
    "gap_rule": enums.GapRule,
    "margin_mode": enums.FloatingMode,
    "margin_type": enums.LevelUnit,
    "stopout_order": enums.StopOutOrder,
    "type": SwapType,  # of a swap's terms
}


def spelt(name: str, value: Any) -> Any:
    """The value of a rule as people read it: an enum by its label, yes and no; others as is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    try:
        return SPELT[name](value).label if name in SPELT else value
    except ValueError:
        return value  # of a version that knew other values
