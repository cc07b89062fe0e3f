"""Changes of watch lists."""

from accounts.models import Account
from core.locks import transactional
from market import visibility
from market.errors import TooManyWatched, WatchSymbolNotFound
from market.models import WatchItem
from realtime.events.event_log import append_events
from realtime.events.types import EventCode, StoredItemEvent, StoredKind

MOST_WATCHED = 2_000  # symbols on all lists of a login
COMMON = ""  # the prefix of what is on every list


@transactional
def add_to_watch_list(
    *, account: Account, symbol: str, prefix: str, changes: dict[str, object], must_exist: bool
) -> tuple[WatchItem, bool]:
    """Put a symbol on a list, or change its place and colour; with COMMON on every list.

    Returns:
        The item, and True if the symbol was not seen there before.

    Raises:
        SymbolNotFound: there is no such symbol, or the group hides it.
        WatchSymbolNotFound: `must_exist`, and it is not on the list.
        TooManyWatched: the login's lists would exceed MOST_WATCHED symbols together.
    """
    locked = Account.objects.locked(account.login)  # so that the limit holds
    watched = visibility.require_usable_symbol(account.group, symbol)
    rows = WatchItem.objects.filter(login=account.login, symbol=watched)
    by_prefix = {item.prefix: item for item in rows}
    visible = by_prefix.get(prefix) or by_prefix.get(COMMON)
    listed = bool(visible and not visible.hidden)
    if prefix == COMMON:
        listed = any(not item.hidden for item in by_prefix.values())
        rows.update(**changes, hidden=False)
    if must_exist and not listed:
        raise WatchSymbolNotFound
    inherited = {}
    if visible and prefix not in by_prefix:
        inherited = {"sort_index": visible.sort_index, "color": visible.color}
    item, created = WatchItem.objects.update_or_create(
        login=account.login,
        symbol=watched,
        prefix=prefix,
        defaults={"hidden": False, **changes},
        create_defaults={**inherited, **changes},
    )
    _check_number(account.login, created=created)
    if changes or not listed:
        _announce(locked, item.symbol_id, EventCode.UPDATE if listed else EventCode.ADD)
    return item, not listed


@transactional
def remove_from_watch_list(*, login: int, symbol: str, prefix: str) -> None:
    """Take a symbol from a list, with COMMON from every list; it may be gone already.

    Raises:
        TooManyWatched: to hide it on this list alone would exceed MOST_WATCHED.
    """
    account = Account.objects.locked(login)
    rows = WatchItem.objects.filter(login=login, symbol_id=symbol)
    if prefix == COMMON or not rows.filter(prefix=COMMON).exists():
        if rows.filter(**({} if prefix == COMMON else {"prefix": prefix})).delete()[0]:
            _announce(account, symbol, EventCode.DELETE)
        return
    _, created = WatchItem.objects.update_or_create(
        login=login, symbol_id=symbol, prefix=prefix, defaults={"hidden": True}
    )
    _check_number(login, created=created)
    _announce(account, symbol, EventCode.DELETE)


def _announce(account: Account, symbol: str, code: EventCode) -> None:
    append_events(account, StoredItemEvent(StoredKind.WATCH, symbol, code))


def _check_number(login: int, *, created: bool) -> None:
    """Refuse one item more than MOST_WATCHED; what exceeds it already may be changed."""
    if created and WatchItem.objects.filter(login=login).count() > MOST_WATCHED:
        raise TooManyWatched
