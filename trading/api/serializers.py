"""Inputs of the trading routes."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError

from api.filters import MOST_VALUES, JSONListField
from api.input import Input
from api.input_fields import (
    EnumField,
    IntField,
    NumberField,
    QueryText,
    SymbolField,
    TextField,
    TimeField,
)
from core.json import loads_untrusted
from trading.api.trades_table import STRUCTURE
from trading.enums import PENDING_CMDS, ProfitFilter, TradeType

ORDER_NUMBER = "(0|[1-9][0-9]{0,17})"


class OpenMarket(Input):
    """`/trade/open`. Volume in minimal lots; sl and tp 0 for none."""

    example: ClassVar = {"cmd": 0, "volume": 10, "symbol": "EURUSD", "sl": 0, "tp": 0}
    record: ClassVar = ("open_time",)
    cmd = IntField()
    volume = IntField()
    symbol = SymbolField()
    sl = NumberField(required=False)
    tp = NumberField(required=False)
    open_price = NumberField(required=False)
    expiration = IntField(required=False, help_text="accepted, without effect")
    comment = TextField(required=False, max_length=64, allow_blank=True)


class OpenPending(Input):
    """`/trade/open/pending`. `expiration` in unix seconds, 0 never."""

    example: ClassVar = {"cmd": 2, "volume": 10, "symbol": "EURUSD", "open_price": 0.5}
    record: ClassVar = ("open_time",)
    cmd = IntField()
    volume = IntField()
    symbol = SymbolField()
    open_price = NumberField()
    sl = NumberField(required=False)
    tp = NumberField(required=False)
    expiration = IntField(required=False, min_value=0)
    comment = TextField(required=False, max_length=64, allow_blank=True)


class Check(OpenPending):
    """Of `/trade/open` or `/trade/open/pending`, by its cmd; a pending one needs its price."""

    open_price = NumberField(required=False)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        attrs = super().validate(attrs)
        if attrs["cmd"] in PENDING_CMDS and "open_price" not in attrs:
            raise ValidationError({"open_price": "is required"})
        return attrs


class ClosePosition(Input):
    """Input of `/trade/close`; without volume the whole is closed."""

    example: ClassVar = {"order": 1001}
    record: ClassVar = STRUCTURE
    order = IntField()
    volume = IntField(required=False)
    comment = TextField(required=False, max_length=64, allow_blank=True)


class CloseGroup(Input):
    """Input of `/trade/close/group`; `type` 0 all, 1 profitable, -1 losing positions."""

    example: ClassVar = {"type": 1, "symbol": "EURUSD"}
    type = EnumField(ProfitFilter)
    symbol = SymbolField(required=False)
    comment = TextField(required=False, max_length=64, allow_blank=True)


class CancelGroup(Input):
    """Input of `/trade/cancel/group`; without symbol all pending orders are cancelled."""

    example: ClassVar = {"symbol": "EURUSD"}
    symbol = SymbolField(required=False)


class OrderInput(Input):
    """Input that names one order."""

    example: ClassVar = {"order": 1001}
    record: ClassVar = STRUCTURE
    order = IntField()


@extend_schema_field(
    {
        "type": "string",
        "pattern": f"^{ORDER_NUMBER}(,{ORDER_NUMBER})*$",
        "description": "Order numbers with commas between them, or their JSON list.",
    }
)
class OrderNumbersField(JSONListField):
    """Order numbers; in the query their JSON list, one by one, or with commas between them."""

    def to_internal_value(self, data: object) -> list[object]:
        if isinstance(data, QueryText):
            try:
                data = loads_untrusted(f"[{data.strip('[]')}]")
            except ValueError:
                raise ValidationError("must be a list of order numbers") from None
        if not isinstance(data, list) or len(data) > MOST_VALUES:
            raise ValidationError(f"must be a list of at most {MOST_VALUES} order numbers")
        field = IntField()
        return [field.run_validation(number) for number in data]


class OrdersInput(Input):
    """Input that names several orders."""

    example: ClassVar = {"orders": "1001,1002"}
    orders = OrderNumbersField()


class ModifyPosition(OrderInput):
    """Levels of a position; 0 clears, at least one is given."""

    example: ClassVar = {"order": 1001, "sl": 0.4}
    sl = NumberField(required=False)
    tp = NumberField(required=False)


class ModifyPending(ModifyPosition):
    """Price, levels and expiration of a pending; at least one is given."""

    example: ClassVar = {"order": 1001, "open_price": 0.6}
    open_price = NumberField(required=False)
    expiration = IntField(required=False, min_value=0)


class ListTrades(Input):
    """Input of `/trades`, with the filter grammar."""

    example: ClassVar = {"limit": 10, "offset": 0, "tradeType": 1}
    by_text_alone = True
    limit = IntField(min_value=1, max_value=50_000)
    offset = IntField(min_value=0)
    tradeType = EnumField(TradeType)
    where = JSONListField(required=False)
    whereNot = JSONListField(required=False)
    whereIn = JSONListField(required=False)
    whereNotIn = JSONListField(required=False)
    whereBetween = JSONListField(required=False)
    whereNotBetween = JSONListField(required=False)
    orderBy = JSONListField(required=False)


class ListAccounts(ListTrades):
    """Input of the staff's lists of accounts, with the same filters."""

    example: ClassVar = {"limit": 10, "offset": 0}
    tradeType = None  # type: ignore[assignment]  # DRF's way to drop a field
    limit = IntField(min_value=1, max_value=1_000)


class AccountLogin(Input):
    """The login of the account."""

    example: ClassVar = {"login": 100001}
    login = IntField(min_value=0)


class HistoryPeriod(Input):
    """A period of close times in unix seconds, both ends included."""

    example: ClassVar = {"from": 1_790_000_000, "to": 1_800_000_000}
    to = TimeField()

    def get_fields(self) -> dict[str, Any]:
        """Add the field `from`, a keyword of Python that cannot be a class attribute."""
        return {**super().get_fields(), "from": TimeField()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if attrs["from"] > attrs["to"]:
            raise ValidationError({"from": "must not be after to"})
        return attrs
