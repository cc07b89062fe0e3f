"""The form of a symbol: units of its fields, and how they are grouped."""

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from django.core.exceptions import ValidationError
from django.forms import ModelForm

from backoffice.form_fields import PlainDecimalField, WholeNumberField
from market.backoffice import icon_field
from market.backoffice.icon_field import IconField, store_icon
from market.backoffice.symbol_rules import find_problems
from market.models import LOT, Symbol, format_lots

if TYPE_CHECKING:
    SymbolModelForm = ModelForm[Symbol]
else:
    SymbolModelForm = ModelForm


class LotsField(WholeNumberField):
    """A volume in lots with two decimals: 0.01 is one minimal lot."""

    input_mode = "decimal"
    LOTS: ClassVar = PlainDecimalField()

    def prepare_value(self, value: object) -> object:
        return format_lots(value) if isinstance(value, int) else value

    def read_text(self, text: str) -> object:
        """Return the minimal lots of the lots that were typed.

        Raises:
            ValidationError: they are none, or finer than 0.01.
        """
        lots = self.LOTS.read_text(text)
        volume = lots * LOT if isinstance(lots, Decimal) else Decimal("NaN")
        if not volume.is_finite() or volume < 1 or volume != volume.to_integral_value():
            raise ValidationError("Lots have two decimals; the least are 0.01.", code="lots")
        return int(volume)


CURRENCY_HELP = "A currency's code: EUR."
LOTS_HELP = "In lots: 0.01 is the least."
LABELS = {
    "trade": "Trading",
    "exemode": "Execution",
    "comm_type": "Commission in",
    "comm_lots": "Commission per",
}
LOT_FIELDS = dict.fromkeys(("lot_min", "lot_max", "lot_step"), LotsField)
POINTS_HELP = "Points; a point is the last decimal of the price. 0 is none."
SWAP_HELP = "In the unit of the swap type; negative costs the client."

HELP_TEXTS: dict[str, str] = {
    "sort_index": "Its place in the market; the lowest comes first.",
    "currency": CURRENCY_HELP,
    "quote_currency": f"{CURRENCY_HELP} Profits come in it.",
    "margin_currency": f"{CURRENCY_HELP} The modes forex and futures take their margin in it.",
    "contract_size": "Units of the base in 1.00 lot.",
    "digits": "Decimals of the price, at most 8.",
    "tick_size": "Prices are multiples of it. 0: of a point.",
    "tick_value": "Worth of a tick of 1.00 lot in the quote currency, for futures and CFD indices.",
    "trade": "“Close only”: what is open can be closed, nothing can be opened.",
    "exemode": "“Instant” requotes beyond the deviation that the account group allows.",
    "long_only": "Clients cannot sell what they have not bought.",
    "lot_min": LOTS_HELP,
    "lot_max": LOTS_HELP,
    "lot_step": f"{LOTS_HELP} Both ends must be multiples of it.",
    "stops_level": f"{POINTS_HELP} Stops, take profits and pendings are at least so far away.",
    "freeze_level": f"{POINTS_HELP} Nearer to its trigger an order cannot be changed.",
    "margin_mode": (
        "Forex: V / leverage. CFD: V · price. CFD leverage: V · price / leverage. "
        "CFD index: with tick value / tick size. Futures: lots · margin a lot."
    ),
    "profit_mode": "Futures: by tick value / tick size.",
    "margin_divider": "The margin of every mode is multiplied by it: 0.0333333 asks 3.33333 %.",
    "margin_initial": "Money for 1.00 lot in the margin currency, for the mode futures.",
    "margin_hedged": "Units for 1.00 lot; group rule “contract”. 0: a covered pair ties nothing.",
    "leverage_tiers": (
        "[[50, 500], [null, 200]]: up to 50 lots at most 500, what is above at most 200. "
        "Never more than the account's own."
    ),
    "comm_base": "Charged at the open, in the unit of its type.",
    "comm_type": "Money is in the account's currency; percent is of the deal's value.",
    "comm_lots": "“Per deal” does not go by the size, except for percent.",
    "swap_type": "Points are of the quote currency; interest is percent a year, of 360 days.",
    "swap_long": SWAP_HELP,
    "swap_short": SWAP_HELP,
    "swap_rollover3days": "The night that stands for the weekend: charged three times.",
    "quote_timeout": "Older quotes fill nothing, and alerts see an outage.",
    "max_source_age": (
        "By the source's time, at receipt. Later quotes are in the charts, and fill and trigger "
        "nothing. 0: none is too late."
    ),
    "filter_percent": (
        "A quote that jumps further is refused; after a silence, a start of the feed or the "
        "market's opening it is held. 0: none is."
    ),
    "exchange": "Where it is listed or quoted, as clients see it: NYSE.",
    "category": "Indices, Stocks, Metals, Energies: it also chooses the icon of what is no pair.",
    "market_cap": "In whole units of the quote currency.",
    "spread_balance": "Points, as clients see it; the quotes are as they come.",
    "filter_confirmations": "So many further ones in a row agree with it, until it is believed.",
}
FIELDSETS = (
    (None, ("name", "description", ("group", "sort_index"))),
    (
        "Contract",
        (
            ("currency", "quote_currency"),
            ("margin_currency", "contract_size"),
            "digits",
            ("tick_size", "tick_value"),
        ),
    ),
    (
        "Trading",
        (
            ("trade", "exemode"),
            ("lot_min", "lot_max"),
            ("lot_step", "long_only"),
            ("stops_level", "freeze_level"),
        ),
    ),
    (
        "Margin and profit",
        (
            ("margin_mode", "profit_mode"),
            ("margin_divider", "margin_initial"),
            "margin_hedged",
            "leverage_tiers",
        ),
    ),
    ("Commission", ("comm_base", ("comm_type", "comm_lots"))),
    (
        "Swaps",
        (
            ("swap_enable", "swap_type"),
            ("swap_long", "swap_short"),
            "swap_rollover3days",
        ),
    ),
    (
        "Shown by terminals",
        (
            ("exchange", "category"),
            ("industry", "sector"),
            ("market_cap", "shareholders"),
            "spread_balance",
            "icon",
        ),
    ),
    (
        "Quotes",
        (
            ("quote_timeout", "max_source_age"),
            ("filter_percent", "filter_confirmations"),
            ("demo_price", "demo_spread"),
        ),
    ),
)


class SymbolForm(SymbolModelForm):
    """Validates the conditions together; each error is shown at its field."""

    uploader: ClassVar[int] = 0  # the login of who uses the form
    icon = IconField(required=False, help_text=icon_field.HELP)

    class Meta:
        help_texts: ClassVar = HELP_TEXTS
        labels: ClassVar = LABELS
        field_classes: ClassVar = LOT_FIELDS

    def clean_icon(self) -> str:
        """Store the icon's file; return the path of the icon."""
        value = self.cleaned_data.get("icon")
        return store_icon(value, present=self.initial.get("icon", ""), login=self.uploader)

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        values = {
            field.name: getattr(self.instance, field.attname)
            for field in Symbol._meta.fields
            if field.name not in self.errors
        }
        values |= cleaned or {}
        if "leverage_tiers" in values:
            values["leverage_tiers"] = values["leverage_tiers"] or []
        for field, problem in find_problems(values.get("name") or self.instance.pk, values):
            if field in self.fields:  # a frozen field is not in the form
                self.add_error(field, problem)
        return cleaned
