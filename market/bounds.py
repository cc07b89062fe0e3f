"""Allowed names and conditions of a symbol: validators for forms, constraints for the table."""

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator, RegexValidator
from django.db.models import BaseConstraint, CheckConstraint, F, Q
from django.db.models.lookups import Exact

from core.clock import DAY_S

NAME = r"^[A-Z0-9#&+./@^_-]{1,16}$"
name = RegexValidator(rf"{NAME[:-1]}\Z", "Capital letters, digits and # & + . / @ ^ _ - only.")
NOT_NEGATIVE = [MinValueValidator(0)]
LONGEST_AGE = DAY_S * 366  # seconds
POSITIVE = [MinValueValidator(Decimal("0.000001"))]  # the columns' smallest value


def must(rule: str, condition: Any) -> CheckConstraint:
    """Return a check constraint of the table of symbols, named `symbol_<rule>`."""
    return CheckConstraint(condition=condition, name=f"symbol_{rule}")


OF_SYMBOLS: list[BaseConstraint] = [
    must("name", Q(name__regex=NAME)),
    must("digits", Q(digits__lte=8)),
    *(must(field, Q(**{f"{field}__gt": 0})) for field in ("contract_size", "margin_divider")),
    *(
        must(field, Q(**{f"{field}__gte": 0}))
        for field in (
            "margin_initial",
            "margin_hedged",
            "tick_size",
            "tick_value",
            "comm_base",
            "filter_percent",
            "demo_price",
        )
    ),
    must("quote_timeout", Q(quote_timeout__gte=1)),
    must("max_source_age", Q(max_source_age__lte=LONGEST_AGE)),
    must("lots", Q(lot_min__gte=1, lot_step__gte=1, lot_min__lte=F("lot_max"))),
    # Checked after `lots`, as their names are in that order: no division by zero.
    must("lots_step", Exact(F("lot_min") % F("lot_step") + F("lot_max") % F("lot_step"), 0)),
]
