"""Market routes."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Group
from api.operation import OK_SCHEMA, link, obj, operation, table
from api.table import ok
from api.viewsets import ApiViewSet
from core.clock import now
from core.errors import Denied, InvalidLogin, InvalidUser
from market import assets, schemas, serializers, services, visibility
from market.errors import SymbolNotAllowed, SymbolNotFound, WatchSymbolNotFound
from market.history import chart
from market.models import Symbol, WatchItem
from market.quotes import LatestQuotes

MAP = {"type": "object", "additionalProperties": {"type": "object"}}
WATCHED = {"oneOf": [MAP, OK_SCHEMA]}
PREFIX = "$request.body#/prefix"
WATCHED_NEXT = {
    "list": link("get_market_watch_list", prefix=PREFIX),
    "delete": link("delete_market_watch", symbol="$request.body#/symbol", prefix=PREFIX),
}
ASKING = (InvalidUser, Denied)


class MarketViewSet(ApiViewSet):
    """The symbols that the target account's group sees."""

    staff_right = "market.view_symbol"

    def group(self) -> Group | None:
        """Return the target account's group; call `validated()` first.

        None, which sees every symbol, is for staff who name no account.
        """
        group: Group | None = self.account().group if self._login else None
        return group

    @operation("All symbols", gives=schemas.MARKET, errors=ASKING)
    def list(self, request: Request) -> Response:
        """Specification and price of each symbol, by name."""
        self.input()
        group = self.group()
        return Response(assets.market(visibility.listed(group), group))

    @operation(
        "All symbols, short",
        gives=obj(assets=table(assets.SHORT), groups=schemas.NAMES),
        errors=ASKING,
    )
    def short_list(self, request: Request) -> Response:
        """The same as a table."""
        self.input()
        group = self.group()
        return Response(assets.short_list(visibility.listed(group), group))

    @operation(
        "One symbol",
        takes=serializers.One,
        gives=schemas.SYMBOL,
        errors=(*ASKING, SymbolNotFound, SymbolNotAllowed),
    )
    def symbol(self, request: Request) -> Response:
        """Specification, price, and its change over six periods in percent."""
        name = self.input()["symbol"]
        group = self.group()
        return Response(assets.detail(visibility.shown(group, name), group))

    @operation(
        "Candles for a chart",
        takes=serializers.History,
        gives=schemas.HISTORY,
        errors=(*ASKING, SymbolNotFound, SymbolNotAllowed),
    )
    def history(self, request: Request) -> Response:
        """After the UDF convention; with `countback`, `from` is not looked at."""
        data = self.input()
        symbol = visibility.shown(self.group(), data.pop("symbol"))
        begin, end = data.pop("from", 0), data.pop("to", None)
        return Response(chart(symbol, begin=begin, end=end, **data))


class WatchViewSet(ApiViewSet):
    """A login's market watch lists."""

    staff_right = "market.view_watchitem"

    @operation(
        "A watch list",
        takes=serializers.WatchList,
        gives=obj(assets=MAP),
        errors=(InvalidLogin, *ASKING),
    )
    def list(self, request: Request) -> Response:
        """Each symbol with the closes of its last 24 hourly candles."""
        prefix = self.input()["prefix"]
        group = self.account().group
        watched = WatchItem.objects.of(self.account_login(), prefix).select_related("symbol")
        items = [item for item in watched if not group.hides(item.symbol_id)]
        names = [item.symbol_id for item in items]
        quotes, past = LatestQuotes().load(names), assets.recent(names)
        rows = {item.symbol_id: row(item, group, quotes, past) for item in items}
        return Response({"assets": rows})

    @operation(
        "Watch a symbol",
        takes=serializers.Watch,
        gives=WATCHED,
        errors=(Denied, SymbolNotFound, WatchSymbolNotFound),
        links=WATCHED_NEXT,
    )
    def save(self, request: Request) -> Response:
        """Adds it, or changes its place and colour on the list."""
        account, data = self.client(), self.input()
        symbol, prefix = data.pop("symbol"), data.pop("prefix")
        must_exist = request.method == "PUT" and bool(data)
        item, added = services.watch(
            account=account, symbol=symbol, prefix=prefix, changes=data, must_exist=must_exist
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
    """Return the answer for a symbol that is on a list."""
    past = assets.recent([symbol.name])[symbol.name]
    return {symbol.name: assets.watched(symbol, LatestQuotes().get(symbol.name), past)}


def row(
    item: WatchItem, group: Group, quotes: LatestQuotes, past: dict[str, assets.Recent]
) -> dict[str, object]:
    """Return one symbol of a watch list."""
    name = item.symbol_id
    return {
        **assets.watched(item.symbol, quotes.get(name), past[name]),
        "sort_index": item.sort_index,
        "color": item.color,
        **assets.market_state(item.symbol, group, now()),
    }
