"""The data feed for charting libraries: TradingView's UDF protocol.

Its unmodified adapter (`UDFCompatibleDatafeed`) works with `/udf` as its address.
"""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import UserNotFoundOrIncorrect
from api.schema.operation import Document, object_schema, operation
from core.clock import now
from core.errors import Denied
from market import visibility
from market.api import candle_inputs, schemas, udf_symbols
from market.api.chart_access import ChartViewSet
from market.errors import SymbolNotAllowed, SymbolNotFound
from market.quotes.charts import build_chart

ANY_OBJECT = {"type": "object", "additionalProperties": True}
OBJECTS = {"type": "array", "items": ANY_OBJECT}
ERRORS = (UserNotFoundOrIncorrect, Denied)
SYMBOL_ERRORS = (*ERRORS, SymbolNotFound, SymbolNotAllowed)
NO_OLDER_BARS = object_schema(s={"type": "string", "const": "no_data"})
NO_OLDER_BARS["properties"]["nextTime"] = {"type": "integer"}
UDF_HISTORY_SCHEMA = {"oneOf": [schemas.BARS_SCHEMA, NO_OLDER_BARS]}
QUOTES_SCHEMA = object_schema(s={"type": "string", "const": "ok"}, d=OBJECTS)


def udf_error_schema(codes: list[str]) -> Document:
    """Return the JSON schema of the feed's errors."""
    message = {"type": "string", "description": "begins with " + " or ".join(codes)}
    return dict(object_schema(s={"type": "string", "const": "error"}, errmsg=message))


class UDFViewSet(ChartViewSet):
    """The feed's routes; an error has the protocol's shape and the usual status and code."""

    def handle_exception(self, exc: Exception) -> Response:
        """Return the one handler's response in the protocol's shape."""
        response = super().handle_exception(exc)
        error, message = response.data["error"], response.data["message"]
        response.data = {"s": "error", "errmsg": f"{error}: {message}"}
        return response

    @operation(
        "The feed's configuration", request=candle_inputs.UDFInput, response=ANY_OBJECT,
        errors=ERRORS, error_schema=udf_error_schema,
    )  # fmt: skip
    def config(self, request: Request) -> Response:
        """Resolutions, exchanges and kinds of symbols."""
        self.validated()
        return Response(
            udf_symbols.serialize_config(visibility.visible_symbols(self.target_group()))
        )

    @operation(
        "Resolve a symbol", request=candle_inputs.UDFSymbol, response=ANY_OBJECT,
        errors=SYMBOL_ERRORS, error_schema=udf_error_schema,
    )  # fmt: skip
    def symbol(self, request: Request) -> Response:
        """How a chart shows the symbol: digits, sessions, resolutions."""
        name, group = self.validated()["symbol"], self.target_group()
        symbol = visibility.require_visible_symbol(group, name)
        return Response(udf_symbols.serialize_symbol(symbol, group))

    @operation(
        "All symbols for charts", request=candle_inputs.UDFSymbolInfo, response=ANY_OBJECT,
        errors=ERRORS, error_schema=udf_error_schema,
    )  # fmt: skip
    def symbol_info(self, request: Request) -> Response:
        """The same of all symbols, a list a column, for feeds that load them at once."""
        exchange, group = self.validated().get("group", ""), self.target_group()
        symbols = visibility.visible_symbols(group)
        listed = [symbol for symbol in symbols if exchange in ("", symbol.exchange)]
        return Response(udf_symbols.serialize_symbol_info(listed, group))

    @operation(
        "Search symbols", request=candle_inputs.UDFSearch, response=OBJECTS, errors=ERRORS,
        error_schema=udf_error_schema,
    )  # fmt: skip
    def search(self, request: Request) -> Response:
        """By a part of the name or description; what begins with it comes first."""
        data = self.validated()
        symbols = visibility.visible_symbols(self.target_group())
        found = udf_symbols.search_symbols(symbols, data["query"], data["type"], data["exchange"])
        return Response(found[: data["limit"]])

    @operation(
        "Bars for a chart", request=candle_inputs.UDFHistory, response=UDF_HISTORY_SCHEMA,
        errors=SYMBOL_ERRORS, error_schema=udf_error_schema,
    )  # fmt: skip
    def history(self, request: Request) -> Response:
        """As `/market/history`; before the first bar there is no `nextTime`."""
        data = self.validated()
        symbol = visibility.require_visible_symbol(self.target_group(), data["symbol"])
        chart = build_chart(
            symbol,
            candle_inputs.UDF_RESOLUTIONS[data["resolution"]],
            begin=data.get("from", 0),
            end=data.get("to"),
            countback=data.get("countback") or None,
        )
        if chart.get("nextTime", 0) is None:
            del chart["nextTime"]
        return Response(chart)

    @operation(
        "The server's time for charts", request=candle_inputs.UDFInput,
        response={"type": "integer"}, errors=ERRORS, error_schema=udf_error_schema,
    )  # fmt: skip
    def time(self, request: Request) -> Response:
        """Unix seconds."""
        self.validated()
        self.target_group()  # so that a login that is sent is looked at as elsewhere
        return Response(now())

    @operation(
        "Quotes for a watch list", request=candle_inputs.UDFQuotes, response=QUOTES_SCHEMA,
        errors=ERRORS, error_schema=udf_error_schema,
    )  # fmt: skip
    def quotes(self, request: Request) -> Response:
        """Of each symbol; one that is unknown or was never quoted has `s` error."""
        names = [name for name in self.validated()["symbols"].split(",") if name]
        group = self.target_group()
        visible = {symbol.name: symbol for symbol in visibility.visible_symbols(group)}
        return Response({"s": "ok", "d": udf_symbols.serialize_quotes(names, visible, group)})
