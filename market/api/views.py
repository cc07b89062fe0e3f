"""Market routes."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import UserNotFoundOrIncorrect
from accounts.models import Account, Group
from api.schema.operation import OK_SCHEMA, object_schema, operation, operation_link, table_schema
from api.table import ok_body
from api.viewsets import ApiViewSet
from audit.recording import record_entry
from core.clock import now
from core.errors import Denied, Invalid, InvalidLogin
from core.locks import transactional
from core.users import signed_in_user
from market import services, visibility
from market.api import assets, schemas, serializers
from market.api.chart_access import SymbolViewSet
from market.api.short_list import short_list_of
from market.catalog import instrument_of
from market.errors import SymbolNotAllowed, SymbolNotFound, WatchSymbolNotFound
from market.models import Symbol, WatchItem
from market.quotes.charts import build_chart
from market.quotes.quote import LatestQuotes

MAP = {"type": "object", "additionalProperties": {"type": "object"}}
WATCHED = {"oneOf": [MAP, OK_SCHEMA]}
PREFIX = "$request.body#/prefix"
WATCHED_NEXT = {
    "list": operation_link("get_market_watch_list", prefix=PREFIX),
    "delete": operation_link("delete_market_watch", symbol="$request.body#/symbol", prefix=PREFIX),
}
ACCOUNT_ERRORS = (UserNotFoundOrIncorrect, Denied)


WRITE_ERRORS = (*ACCOUNT_ERRORS, InvalidLogin)


class MarketViewSet(SymbolViewSet):
    """The market as the target account's group sees it."""

    @operation("All symbols", response=schemas.MARKET_SCHEMA, errors=ACCOUNT_ERRORS)
    def list(self, request: Request) -> Response:
        """Specification and price of each symbol, by name."""
        self.validated()
        group = self.target_group()
        return Response(assets.serialize_market(visibility.visible_symbols(group), group))

    @operation(
        "All symbols, short",
        response=object_schema(
            assets=table_schema(assets.SHORT_COLUMNS), groups=schemas.NAMES_SCHEMA
        ),
        errors=ACCOUNT_ERRORS,
    )
    def short_list(self, request: Request) -> Response:
        """The same as a table."""
        self.validated()
        group = self.target_group()
        return Response(short_list_of(group))

    @operation(
        "One symbol",
        request=serializers.SymbolInput,
        response=schemas.SYMBOL_SCHEMA,
        errors=(*ACCOUNT_ERRORS, SymbolNotFound, SymbolNotAllowed),
    )
    def symbol(self, request: Request) -> Response:
        """Specification, price, and its change over six periods in percent."""
        name = self.validated()["symbol"]
        group = self.target_group()
        symbol = visibility.require_visible_symbol(group, name)
        if group is not None:
            symbol = instrument_of(group.pk, symbol)
        return Response(assets.serialize_detail(symbol, group))

    @operation(
        "Candles for a chart",
        request=serializers.ChartInput,
        response=schemas.HISTORY_SCHEMA,
        errors=(*ACCOUNT_ERRORS, SymbolNotFound, SymbolNotAllowed),
    )
    def history(self, request: Request) -> Response:
        """After the UDF convention; with `countback`, `from` is not looked at."""
        data = self.validated()
        symbol = visibility.require_visible_symbol(self.target_group(), data.pop("symbol"))
        begin, end = data.pop("from", 0), data.pop("to", None)
        return Response(build_chart(symbol, begin=begin, end=end, **data))


class WatchViewSet(ApiViewSet):
    """A login's market watch lists."""

    tag = "Market"
    staff_permission = "market.view_watchitem"
    staff_write_permission = "market.change_watchitem"
    unknown_account = UserNotFoundOrIncorrect

    @operation(
        "A watch list",
        request=serializers.WatchListInput,
        response=object_schema(assets=MAP),
        errors=(InvalidLogin, *ACCOUNT_ERRORS),
    )
    def list(self, request: Request) -> Response:
        """Each symbol with the closes of its last 24 hourly candles."""
        prefix = self.validated()["prefix"]
        group = self.target_account().group
        watched = WatchItem.objects.of_list(self.target_login(), prefix)
        items = [item for item in watched if not group.hides(item.symbol_id)]
        names = [item.symbol_id for item in items]
        quotes, past = LatestQuotes().load(names), assets.read_recent_candles(names)
        rows = {item.symbol_id: serialize_watch_row(item, group, quotes, past) for item in items}
        return Response({"assets": rows})

    @operation(
        "Watch a symbol",
        request=serializers.Watch,
        response=WATCHED,
        errors=(*WRITE_ERRORS, SymbolNotFound, WatchSymbolNotFound),
        links=WATCHED_NEXT,
    )
    def save(self, request: Request) -> Response:
        """Adds it, or changes its place and colour on the list; without `prefix` on every list.

        PUT changes only. Staff name the login.
        """
        data = self.validated()
        account = self.require_writable_account()
        symbol, prefix = data.pop("symbol"), data.pop("prefix", services.COMMON)
        if request.method == "PUT" and not data:
            raise Invalid("nothing to update")
        item, added = save_recorded(request, account, symbol, prefix, data)
        return Response(ok_body() if data and not added else serialize_watched_symbol(item.symbol))

    @operation(
        "Stop watching a symbol",
        request=serializers.UnwatchInput,
        response=OK_SCHEMA,
        errors=WRITE_ERRORS,
    )
    def delete(self, request: Request) -> Response:
        """Takes it from the list, without `prefix` from every list; it may be gone already."""
        data = self.validated()
        account = self.require_writable_account()
        remove_recorded(request, account, data["symbol"], data.get("prefix", services.COMMON))
        return Response(ok_body())


@transactional
def save_recorded(
    request: Request, account: Account, symbol: str, prefix: str, changes: dict[str, object]
) -> tuple[WatchItem, bool]:
    """Put a symbol on a list, by staff with an audit entry."""
    must_exist = request.method == "PUT"
    item, added = services.add_to_watch_list(
        account=account, symbol=symbol, prefix=prefix, changes=changes, must_exist=must_exist
    )
    if signed_in_user(request).is_staff:
        after = {"prefix": prefix, "symbol": item.symbol_id, **changes}
        record_entry(request, "watch", account, after=after)
    return item, added


@transactional
def remove_recorded(request: Request, account: Account, symbol: str, prefix: str) -> None:
    """Take a symbol from a list, by staff with an audit entry."""
    services.remove_from_watch_list(login=account.login, symbol=symbol, prefix=prefix)
    if signed_in_user(request).is_staff:
        record_entry(request, "unwatch", account, before={"prefix": prefix, "symbol": symbol})


def serialize_watched_symbol(symbol: Symbol) -> dict[str, object]:
    """Return the answer for a symbol that is on a list."""
    past = assets.read_recent_candles([symbol.name])[symbol.name]
    return {symbol.name: assets.serialize_watched(symbol, LatestQuotes().get(symbol.name), past)}


def serialize_watch_row(
    item: WatchItem, group: Group, quotes: LatestQuotes, past: dict[str, assets.RecentCandles]
) -> dict[str, object]:
    """Return one symbol of a watch list."""
    name = item.symbol_id
    return {
        **assets.serialize_watched(item.symbol, quotes.get(name), past[name]),
        "sort_index": item.sort_index,
        "color": item.color,
        **assets.serialize_market_state(instrument_of(group.pk, item.symbol), group, now()),
    }
