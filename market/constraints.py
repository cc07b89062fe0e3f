"""Allowed names and conditions of a symbol: validators for forms, constraints for the table."""

from decimal import Decimal

from django.core.validators import MinValueValidator, RegexValidator
from django.db.models import BaseConstraint, CheckConstraint, F, Q
from django.db.models.expressions import BaseExpression
from django.db.models.lookups import Exact

from core.clock import DAY_S

NAME_PATTERN = r"^[A-Z0-9#&+./@^_-]{1,16}$"
validate_name = RegexValidator(
    rf"{NAME_PATTERN[:-1]}\Z", "Capital letters, digits and # & + . / @ ^ _ - only."
)
NOT_NEGATIVE = [MinValueValidator(0)]
LARGEST_DOUBLE_INT = 2**53 - 1  # that JavaScript reads exactly
LONGEST_AGE = DAY_S * 366  # seconds
POSITIVE = [MinValueValidator(Decimal("0.000001"))]  # the columns' smallest value


def symbol_constraint(rule: str, condition: Q | BaseExpression) -> CheckConstraint:
    """Return a check constraint of the table of symbols, named `symbol_<rule>`."""
    return CheckConstraint(condition=condition, name=f"symbol_{rule}")


SYMBOL_CONSTRAINTS: list[BaseConstraint] = [
    symbol_constraint("name", Q(name__regex=NAME_PATTERN)),
    symbol_constraint("digits", Q(digits__lte=8)),
    *(
        symbol_constraint(field, Q(**{f"{field}__gt": 0}))
        for field in ("contract_size", "margin_divider")
    ),
    *(
        symbol_constraint(field, Q(**{f"{field}__gte": 0}))
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
    symbol_constraint("quote_timeout", Q(quote_timeout__gte=1)),
    symbol_constraint("max_source_age", Q(max_source_age__lte=LONGEST_AGE)),
    symbol_constraint("lots", Q(lot_min__gte=1, lot_step__gte=1, lot_min__lte=F("lot_max"))),
    # Checked after `lots`, as their names are in that order: no division by zero.
    symbol_constraint(
        "lots_step", Exact(F("lot_min") % F("lot_step") + F("lot_max") % F("lot_step"), 0)
    ),
]
