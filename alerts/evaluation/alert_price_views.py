"""How the accounts of alerts see prices while a window is evaluated, and whose view has changed."""

from collections.abc import Collection, Iterable
from functools import lru_cache

import orjson

from accounts.models import Account
from alerts.models import Alert
from market.catalog import CACHE_SECONDS
from market.group_quotes import GroupPriceViews, SeenPrices, current_price_views

NO_MORE = "{}"  # all groups see the market's prices again
_last_change = ""  # the change mark at which this process has read the terms


class AlertPriceViews:
    """The views of all accounts by the present terms, beside those that alerts were compiled by.

    `compiled` is what the checkpoint has of them. Where no group ever had a mark-up everything
    sees the market's prices, and nothing is asked.
    """

    def __init__(self, compiled: str, change: str) -> None:
        self._views = current_price_views(CACHE_SECONDS if change == _last_change else 0)
        self._compiled = "" if compiled == NO_MORE else compiled
        if self._compiled != _encode(self._views):  # by another worker, who may have read later
            self._views = current_price_views(0)
        _remember(change)
        self._text = _encode(self._views)
        self._groups: dict[int, int] = {}
        self.were_ever_marked_up = bool(compiled or self._text)
        self.has_spreads = self._views.has_spreads

    @property
    def changed(self) -> list[tuple[int, str]]:
        """Return group and symbol wherever alerts were compiled by other prices."""
        if self._compiled == self._text:
            return []
        before, after = _decode(self._compiled), _decode(self._text)
        return sorted(
            (int(group), symbol)
            for group in {*before, *after}
            for symbol in {*before.get(group, {}), *after.get(group, {})}
            if before.get(group, {}).get(symbol) != after.get(group, {}).get(symbol)
        )

    def as_json(self) -> str:
        """Return the views as the checkpoint stores them; empty where there never were any."""
        return self._text or (NO_MORE if self.were_ever_marked_up else "")

    def load_groups(self, alerts: Collection[Alert]) -> None:
        """Read the groups of the alerts' accounts, if any group sees other prices."""
        if alerts and self._views.by_group:
            logins = {alert.account_id for alert in alerts}
            rows = Account.objects.filter(pk__in=logins).values_list("pk", "group")
            self._groups.update(rows)

    def view_of(self, alert: Alert) -> SeenPrices | None:
        """Return how the alert's account sees its symbol; None is as the market is."""
        group = self._groups.get(alert.account_id)
        return None if group is None else self._views.view_of(group, alert.symbol_id)


def wait_for_any_quote(alerts: Iterable[Alert], seen: int) -> None:
    """Have alerts evaluated on the quotes after `seen`, and their levels compiled anew."""
    for alert in alerts:
        alert.seen, alert.fresh = seen, True
        alert.wait_for_any_quote()


@lru_cache(maxsize=2)
def _encode(views: GroupPriceViews) -> str:
    """Return group → symbol → mark-up and digits as JSON, empty where all see the market's."""
    found = {
        group: {name: [*view.markup, view.digits] for name, view in sorted(by_name.items())}
        for group, by_name in sorted(views.by_group.items())
    }
    return orjson.dumps(found, option=orjson.OPT_NON_STR_KEYS).decode() if found else ""


def _decode(text: str) -> dict[str, dict[str, list[object]]]:
    found: dict[str, dict[str, list[object]]] = orjson.loads(text) if text else {}
    return found


def _remember(change: str) -> None:
    global _last_change  # noqa: PLW0603 - of this process
    _last_change = change
