"""Model fields of one shape for money and prices, and what else columns are read with."""

from typing import Any

from django.db import models

PRICE_DECIMALS = 8


class MoneyField(models.DecimalField):  # type: ignore[type-arg]  # generic in the stubs alone
    """An amount in the account's currency; four decimals hold every currency's digits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_digits": 20, "decimal_places": 4, "default": 0, **kwargs})


class PriceField(models.DecimalField):  # type: ignore[type-arg]  # generic in the stubs alone
    """A price or a conversion rate, up to eight decimals."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args, **{"max_digits": 20, "decimal_places": PRICE_DECIMALS, "default": 0, **kwargs}
        )


class OctetLength(models.Func):
    """The bytes of a text, without reading it."""

    function = "octet_length"
    output_field = models.BigIntegerField()
