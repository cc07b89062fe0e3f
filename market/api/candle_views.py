"""Candles as a table."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import UserNotFoundOrIncorrect
from api.schema.operation import object_schema, operation
from core.errors import Denied
from market import visibility
from market.api import candle_inputs
from market.api.chart_access import ChartViewSet
from market.errors import SymbolNotAllowed, SymbolNotFound
from market.quotes.charts import CHART_RESOLUTIONS, MOST_BARS, read_bars

CANDLE_COLUMNS = ("open", "high", "low", "close", "volume", "time")
CANDLES_SCHEMA = object_schema(
    structure={"type": "array", "items": {"type": "string", "enum": list(CANDLE_COLUMNS)}},
    data={
        "type": "array",
        "items": {"type": "array", "items": {"type": "number"}, "minItems": 6, "maxItems": 6},
    },
)


class CandleViewSet(ChartViewSet):
    """The route of stored candles."""

    @operation(
        "Candles",
        request=candle_inputs.CandlesInput,
        response=CANDLES_SCHEMA,
        errors=(UserNotFoundOrIncorrect, Denied, SymbolNotFound, SymbolNotAllowed),
    )
    def list(self, request: Request) -> Response:
        """Those that begin from `from` to `to`, oldest first; of too many the newest `count`."""
        data = self.validated()
        symbol = visibility.require_visible_symbol(self.target_group(), data["symbol"])
        resolution = CHART_RESOLUTIONS[candle_inputs.FRAMES[data["frame"]]]
        first = resolution.next_bar_begin(data["from"])
        bars = read_bars(
            symbol.name, resolution, first, data["to"] + 1, data.get("count", MOST_BARS)
        )
        rows = [[*prices, begin] for begin, *prices in reversed(bars)]
        return Response({"structure": CANDLE_COLUMNS, "data": rows})
