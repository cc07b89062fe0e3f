"""How the accounts of alerts see prices while a window is evaluated, and whose view has changed."""

from collections.abc import Collection, Iterable

import orjson

from accounts.models import Account
from alerts.models import Alert
from market.catalog import CACHE_SECONDS
from market.group_quotes import SeenPrices, current_price_views

_last_change = ""  # the change mark at which this process has read the terms


class AlertPriceViews:
    """The views of all accounts by the present terms, beside those that alerts were compiled by.

    `compiled` are the fingerprints that the checkpoint has. Where no group ever had a mark-up
    everything sees the market's prices, and nothing is asked.
    """

    def __init__(self, compiled: str, change: str) -> None:
        self._views = current_price_views(CACHE_SECONDS if change == _last_change else 0)
        self._compiled = _decode(compiled)
        if self._compiled != self._views.fingerprints:  # by another worker, who may have read later
            self._views = current_price_views(0)
        _remember(change)
        self._groups: dict[int, int] = {}
        self.were_ever_marked_up = bool(compiled or self._views.fingerprints)
        self.has_spreads = self._views.has_spreads

    @property
    def changed_groups(self) -> list[int]:
        """Return the ids of the groups that see other prices than when alerts were compiled."""
        before, after = self._compiled, self._views.fingerprints
        return sorted(group for group in {*before, *after} if before.get(group) != after.get(group))

    def as_json(self) -> str:
        """Return the fingerprints as the checkpoint stores them."""
        if not self.were_ever_marked_up:
            return ""
        return orjson.dumps(self._views.fingerprints, option=orjson.OPT_NON_STR_KEYS).decode()

    def load_groups(self, alerts: Collection[Alert]) -> None:
        """Read the groups of the alerts' accounts, if any group sees other prices."""
        if alerts and self._views.fingerprints:
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


def _decode(compiled: str) -> dict[int, str]:
    found = orjson.loads(compiled) if compiled else {}
    return {int(group): fingerprint for group, fingerprint in found.items()}


def _remember(change: str) -> None:
    global _last_change  # noqa: PLW0603 - of this process
    _last_change = change
