"""Inputs of the trading routes."""

from api.fields import EnumField, IntField, NumberField, SymbolField, TextField
from api.filters import JSONListField
from api.inputs import Input
from trading.enums import TradeType


class OpenMarket(Input):
    """`/trade/open`. Volume in minimal lots; sl and tp 0 for none."""

    cmd = IntField()
    volume = IntField()
    symbol = SymbolField()
    sl = NumberField()
    tp = NumberField()
    open_price = NumberField(required=False)
    expiration = IntField(required=False, help_text="accepted, without effect")
    comment = TextField(required=False, max_length=64, allow_blank=True)


class OpenPending(Input):
    """`/trade/open/pending`. `expiration` in unix seconds, 0 never."""

    cmd = IntField()
    volume = IntField()
    symbol = SymbolField()
    open_price = NumberField()
    sl = NumberField(required=False)
    tp = NumberField(required=False)
    expiration = IntField(required=False, min_value=0)
    comment = TextField(required=False, max_length=64, allow_blank=True)


class Close(Input):
    """`/trade/close`; without volume all of it."""

    order = IntField()
    volume = IntField(required=False)
    comment = TextField(required=False, max_length=64, allow_blank=True)


class Order(Input):
    """One order."""

    order = IntField()


class ModifyPosition(Order):
    """Levels of a position; 0 clears, at least one is given."""

    sl = NumberField(required=False)
    tp = NumberField(required=False)


class ModifyPending(ModifyPosition):
    """Price, levels and expiration of a pending; at least one is given."""

    open_price = NumberField(required=False)
    expiration = IntField(required=False, min_value=0)


class ListTrades(Input):
    """`/trades`, with the filter grammar."""

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
