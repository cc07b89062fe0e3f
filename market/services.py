"""Changes of watch lists."""

from typing import Any

from core.locks import transactional
from market.errors import SymbolNotFound, WatchSymbolNotFound
from market.models import Symbol, WatchItem


@transactional
def watch(
    *, login: int, symbol: str, prefix: str, changes: dict[str, Any], must_exist: bool
) -> tuple[WatchItem, bool]:
    """Put a symbol on a list, or change its place and colour. Answers the item and if it is new.

    Raises:
        SymbolNotFound: there is no such symbol.
        WatchSymbolNotFound: `must_exist`, and it is not on the list.
    """
    if not Symbol.objects.filter(pk=symbol).exists():
        raise SymbolNotFound(f"there is no symbol {symbol}")
    key: dict[str, Any] = {"login": login, "prefix": prefix, "symbol_id": symbol}
    if must_exist and not WatchItem.objects.filter(**key).exists():
        raise WatchSymbolNotFound
    return WatchItem.objects.update_or_create(**key, defaults=changes)


@transactional
def unwatch(*, login: int, symbol: str, prefix: str) -> None:
    """Take a symbol from a list; it may be gone already."""
    WatchItem.objects.of(login, prefix).filter(symbol_id=symbol).delete()
