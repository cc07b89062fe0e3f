"""Labels of the enum values that are stored in evidence."""

from django.db.models import Choices

from accounts import enums
from market.enums import CommissionPer, CommissionType, SwapType

ENUM_OF_RULE: dict[str, type[Choices]] = {
    "conversion": enums.Conversion,
    "margin_rate_mode": enums.RateMode,
    "hedge_margin": enums.HedgeMargin,
    "hedge_price": enums.HedgePrice,
    "gap_rule": enums.GapRule,
    "margin_mode": enums.FloatingMode,
    "margin_type": enums.LevelUnit,
    "stopout_order": enums.StopOutOrder,
    "type": SwapType,  # of a swap's terms
    "commission_type": CommissionType,
    "commission_per": CommissionPer,
}
# Rules that only the platform itself reads: they are shown to nobody.
INTERNAL_RULES = ("looked_at",)


def format_rule(name: str, value: object) -> object:
    """Format a stored rule's value: an enum as its label, a flag as yes or no, others as is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    try:
        return ENUM_OF_RULE[name](value).label if name in ENUM_OF_RULE else value
    except ValueError:
        return value  # stored by a release with other values
