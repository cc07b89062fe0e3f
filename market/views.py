"""Market routes."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.operation import OK_SCHEMA, obj, operation, table
from api.table import ok
from api.viewsets import ApiViewSet, InvalidLogin
from core.errors import Denied
from market import assets, serializers, services
from market.errors import SymbolNotFound, WatchSymbolNotFound
from market.models import Candle, Symbol, WatchItem
from market.quotes import LatestQuotes

MAP = {"type": "object", "additionalProperties": {"type": "object"}}
NAMES = {"type": "array", "items": {"type": "string"}}
WATCHED = {"oneOf": [MAP, OK_SCHEMA]}


class MarketViewSet(ApiViewSet):
    """The symbols."""

    @operation("All symbols", gives=obj(assets=MAP, groups=NAMES))
    def list(self, request: Request) -> Response:
        """Specification and price of each symbol, by name."""
        self.input()
        return Response(assets.market(Symbol.objects.listed()))

    @operation("All symbols, short", gives=obj(assets=table(assets.SHORT), groups=NAMES))
    def short_list(self, request: Request) -> Response:
        """The same as a table."""
        self.input()
        return Response(assets.short_list(Symbol.objects.listed()))


class WatchViewSet(ApiViewSet):
    """A login's market watch lists."""

    @operation(
        "A watch list",
        takes=serializers.WatchList,
        gives=obj(assets=MAP),
        errors=(InvalidLogin, Denied),
    )
    def list(self, request: Request) -> Response:
        """Each symbol with the closes of its last 24 hourly candles."""
        prefix = self.input()["prefix"]
        items = WatchItem.objects.of(self.account_login(), prefix).select_related("symbol")
        names = [item.symbol_id for item in items]
        quotes, candles = LatestQuotes().load(names), assets.recent_candles(names)
        return Response({"assets": {item.symbol_id: row(item, quotes, candles) for item in items}})

    @operation(
        "Watch a symbol",
        takes=serializers.Watch,
        gives=WATCHED,
        errors=(Denied, SymbolNotFound, WatchSymbolNotFound),
    )
    def save(self, request: Request) -> Response:
        """Adds it, or changes its place and colour on the list."""
        account, data = self.client(), self.input()
        symbol, prefix = data.pop("symbol"), data.pop("prefix")
        must_exist = request.method == "PUT" and bool(data)
        item, added = services.watch(
            login=account.login, symbol=symbol, prefix=prefix, changes=data, must_exist=must_exist
        )
        return Response(ok() if data and not added else watched(item.symbol))

    @operation(
        "Stop watching a symbol", takes=serializers.Unwatch, gives=OK_SCHEMA, errors=(Denied,)
    )
    def delete(self, request: Request) -> Response:
        """Takes it from the list; it may be gone already."""
        account, data = self.client(), self.input()
        services.unwatch(login=account.login, **data)
        return Response(ok())


def watched(symbol: Symbol) -> dict[str, object]:
    """The answer for a symbol that is on the list."""
    candles = assets.recent_candles([symbol.name]).get(symbol.name, [])
    return {symbol.name: assets.watched(symbol, LatestQuotes().get(symbol.name), candles)}


def row(
    item: WatchItem, quotes: LatestQuotes, candles: dict[str, list[Candle]]
) -> dict[str, object]:
    """One symbol of a list."""
    name = item.symbol_id
    return {
        **assets.watched(item.symbol, quotes.get(name), candles.get(name, [])),
        "sort_index": item.sort_index,
        "color": item.color,
        **assets.market_state(item.symbol),
    }
