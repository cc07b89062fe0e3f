"""Changes of watch lists."""

from accounts.models import Account
from core.locks import transactional
from market import visibility
from market.errors import TooManyWatched, WatchSymbolNotFound
from market.models import WatchItem

MOST_WATCHED = 2_000  # symbols on all lists of a login


@transactional
def add_to_watch_list(
    *, account: Account, symbol: str, prefix: str, changes: dict[str, object], must_exist: bool
) -> tuple[WatchItem, bool]:
    """Put a symbol on a list, or change its place and colour.

    Returns:
        The item, and True if it is new.

    Raises:
        SymbolNotFound: there is no such symbol, or the group hides it.
        WatchSymbolNotFound: `must_exist`, and it is not on the list.
        TooManyWatched: the login's lists would exceed MOST_WATCHED symbols together.
    """
    Account.objects.locked(account.login)  # so that the limit holds
    login, watched = account.login, visibility.require_usable_symbol(account.group, symbol)
    listed = WatchItem.objects.of_list(login, prefix).filter(symbol=watched)
    if must_exist and not listed.exists():
        raise WatchSymbolNotFound
    item, added = WatchItem.objects.update_or_create(
        login=login, prefix=prefix, symbol=watched, defaults=changes
    )
    if added and WatchItem.objects.filter(login=account.login).count() > MOST_WATCHED:
        raise TooManyWatched
    return item, added


@transactional
def remove_from_watch_list(*, login: int, symbol: str, prefix: str) -> None:
    """Take a symbol from a list; it may be gone already."""
    WatchItem.objects.of_list(login, prefix).filter(symbol_id=symbol).delete()
