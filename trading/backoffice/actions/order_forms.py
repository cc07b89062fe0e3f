"""The forms with which a dealer orders: volumes in lots, times in UTC."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict, TypeVar

from django import forms

from accounts.models import Account, User
from backoffice.actions.action import ReasonAnswers
from backoffice.actions.forms import ActionForm
from backoffice.form_fields import BoundedDateTimeField
from core.clock import date_of
from core.json import plain_digits
from market import visibility
from market.catalog import find_symbol
from market.models import LOT
from trading.backoffice.actions.quantity_fields import lots_field, price_field
from trading.enums import MARKET_CMDS, PENDING_CMDS, State
from trading.models import Trade
from trading.services.modifying import OrderChange, find_refusals

if TYPE_CHECKING:
    TextInput = forms.TextInput
else:
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

Row = TypeVar("Row", Account, Trade)
CMDS = [(cmd.value, cmd.label) for cmd in (*MARKET_CMDS, *PENDING_CMDS)]
COMMENT_LENGTH = 64  # as for clients
MINUTE_FORMAT = "%Y-%m-%dT%H:%M"  # what a browser's field of date and time sends
ZERO_FOR_NONE = "0 for none"
NO_DATE = "It is {}, which is no date. Empty: it stays."
LEVELS = {"price", "sl", "tp", "expiration"}  # of the form of a change


class DateTimeLocalInput(TextInput):
    """The browser's own field of date and time, which needs no script."""

    input_type = "datetime-local"

    def format_value(self, value: object) -> str | None:
        """Return the value as the browser reads it."""
        if isinstance(value, datetime):
            return f"{value:{MINUTE_FORMAT}}"
        return value if isinstance(value, str) else None


def expiration_field() -> BoundedDateTimeField:
    """Return a field of an expiration in UTC; empty stands for never."""
    return BoundedDateTimeField(
        label="Expires (UTC)",
        required=False,
        widget=DateTimeLocalInput(),
        help_text="Empty: never.",
    )


def to_unix_seconds(time: datetime | None) -> int:
    """Return a time in unix seconds, 0 for never."""
    return int(time.timestamp()) if time else 0


class OpenAnswers(ReasonAnswers):
    """What `OpenForm` asks; None for what was left empty."""

    cmd: int
    symbol: str
    lots: Decimal
    price: Decimal | None
    sl: Decimal | None
    tp: Decimal | None
    expiration: datetime | None
    comment: str


class OrderForm(ActionForm[Row]):
    """The base of forms about an order."""

    refusal_fields: ClassVar = {"open_price": "price", "volume": "lots"}


class OpenForm(OrderForm[Account]):
    """A market order, or a pending order with its price."""

    cmd = forms.TypedChoiceField(label="Order", coerce=int, choices=CMDS)
    symbol = forms.ChoiceField()
    lots = lots_field()
    price = price_field(required=False, help_text="Of a pending order; a market order has none.")
    sl = price_field(label="Stop loss", required=False, help_text=ZERO_FOR_NONE)
    tp = price_field(label="Take profit", required=False, help_text=ZERO_FOR_NONE)
    expiration = expiration_field()
    comment = forms.CharField(
        required=False, max_length=COMMENT_LENGTH, help_text="The client reads it."
    )

    def __init__(
        self, data: Mapping[str, object] | None = None, *, obj: Account, actor: User
    ) -> None:
        super().__init__(data, obj=obj, actor=actor)
        symbols = visibility.visible_symbols(obj.group)
        choices = [(symbol.name, symbol.name) for symbol in symbols]
        self.fields["symbol"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, object]:
        """Require that only pending orders have a price and an expiration."""
        data = super().clean() or {}
        if data.get("cmd") in PENDING_CMDS and not data.get("price"):
            self.add_error("price", "A pending order needs its price.")
        for name in ("price", "expiration"):
            if data.get("cmd") in MARKET_CMDS and data.get(name):
                self.add_error(name, "A market order has none.")
        check_decimals(self, str(data.get("symbol", "")), data)
        return data


class CloseAnswers(ReasonAnswers):
    """What `CloseForm` asks."""

    lots: Decimal
    comment: str


class CloseForm(OrderForm[Trade]):
    """The volume to close, at first that of the whole position."""

    lots = lots_field(label="Lots to close")
    comment = forms.CharField(
        required=False, max_length=COMMENT_LENGTH, help_text="The client reads it."
    )

    def __init__(
        self, data: Mapping[str, object] | None = None, *, obj: Trade, actor: User
    ) -> None:
        whole = {"lots": plain_digits(Decimal(obj.volume) / LOT)}
        super().__init__(data, obj=obj, actor=actor, initial=whole)


class ModifyAnswers(ReasonAnswers, total=False):
    """What `ModifyForm` asks: without what the order has not, and without what was not edited."""

    price: Decimal
    sl: Decimal
    tp: Decimal
    expiration: datetime | None


class LevelChanges(TypedDict, total=False):
    """What a change sets, as the services take it; a position has no price and expiration."""

    open_price: Decimal
    sl: Decimal
    tp: Decimal
    expiration: int  # unix seconds


class ModifyForm(OrderForm[Trade]):
    """The levels of a position; of a pending order its price and expiration as well.

    It shows everything that the services would refuse, each at its field.
    """

    price = price_field(help_text="At which the order becomes a position.")
    sl = price_field(label="Stop loss", help_text=ZERO_FOR_NONE)
    tp = price_field(label="Take profit", help_text=ZERO_FOR_NONE)
    expiration = expiration_field()

    def __init__(
        self, data: Mapping[str, object] | None = None, *, obj: Trade, actor: User
    ) -> None:
        levels = {"price": obj.open_price, "sl": obj.sl, "tp": obj.tp}
        initial: dict[str, object] = {name: plain_digits(level) for name, level in levels.items()}
        if obj.expiration:
            initial["expiration"] = date_of(obj.expiration)
        super().__init__(data, obj=obj, actor=actor, initial=initial)
        if obj.expiration and initial["expiration"] is None:
            self.fields["expiration"].help_text = NO_DATE.format(obj.expiration)
        if not obj.is_pending:
            del self.fields["price"], self.fields["expiration"]
        for name in LEVELS & self.fields.keys():
            self.fields[name].show_hidden_initial = True

    def clean(self) -> dict[str, object]:
        """Require a change; drop what was not edited: the client may have moved it meanwhile."""
        data = super().clean() or {}
        for name in LEVELS.difference(self.changed_data):
            data.pop(name, None)
        check_decimals(self, self.obj.symbol_id or "", data)
        changes = changed_levels(self.obj, data)
        if not self.errors and not changes:
            raise forms.ValidationError("Nothing would change.")
        if self.obj.state == State.OPEN and changes:
            for refusal in find_refusals(self.obj, OrderChange(**changes)):
                self.add_refusal(refusal)
        return data


def check_decimals(form: forms.Form, symbol: str, data: Mapping[str, object]) -> None:
    """Refuse prices with more decimals than the symbol's: who writes 68.000 may mean thousands."""
    prices = {name: data[name] for name in ("price", "sl", "tp") if name in data}
    if not symbol or not prices:
        return
    digits = find_symbol(symbol).digits
    for name, price in prices.items():
        if isinstance(price, Decimal) and -int(price.as_tuple().exponent) > digits:
            form.add_error(name, f"{symbol} has at most {digits} decimals.")


def changed_levels(trade: Trade, data: Mapping[str, Any]) -> LevelChanges:
    """Return what the form's answers would change of the order, as the services take it.

    Browsers send minutes: an expiration within the displayed minute has not been changed.
    """
    changed: LevelChanges = {}
    price, sl, tp = data.get("price"), data.get("sl"), data.get("tp")
    if price is not None and price != trade.open_price:
        changed["open_price"] = price
    if sl is not None and sl != trade.sl:
        changed["sl"] = sl
    if tp is not None and tp != trade.tp:
        changed["tp"] = tp
    if trade.is_pending and "expiration" in data:
        expiration = to_unix_seconds(data["expiration"])
        if expiration // 60 != trade.expiration // 60:
            changed["expiration"] = expiration
    return changed
