"""The form fields of money, lots and prices, the same in every form of the staff."""

from decimal import Decimal

from backoffice.form_fields import PlainDecimalField, QuantityField
from core.money import ZERO, digits_of, smallest_step
from market.models import LOT
from trading.services.ledger import AMOUNT_LIMIT


def amount_field(currency: str, *, signed: bool = False, help_text: str = "") -> QuantityField:
    """Return a field of an amount in the currency; a `signed` one may be below 0."""
    digits = digits_of(currency)
    return QuantityField(
        max_digits=20,
        decimal_places=digits,
        min_value=-AMOUNT_LIMIT if signed else smallest_step(digits),
        max_value=AMOUNT_LIMIT,
        label=f"Amount, {currency}",
        help_text=help_text,
    )


def lots_field(label: str | None = None) -> QuantityField:
    """Return a field of a volume in lots."""
    least = Decimal(1) / LOT
    return QuantityField(max_digits=12, decimal_places=2, min_value=least, label=label)


def to_minimal_lots(lots: Decimal) -> int:
    """Return lots as minimal lots."""
    return int(lots * LOT)


def price_field(
    label: str | None = None, *, required: bool = True, help_text: str = ""
) -> PlainDecimalField:
    """Return a field of a price; 0 stands for none."""
    return PlainDecimalField(
        max_digits=20,
        decimal_places=8,
        min_value=ZERO,
        label=label,
        required=required,
        help_text=help_text,
    )
