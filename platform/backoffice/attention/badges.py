"""The badges of the menu: how many cases wait at each page."""

from collections import defaultdict

from backoffice.attention.matters import Case, count_text, find_open_matters
from core.users import User


def badges_of(user: User) -> dict[str, dict[str, str]]:
    """Return unfold's attributes of the badge by the URL of the page."""
    cases: dict[str, list[Case]] = defaultdict(list)
    urgent: dict[str, bool] = defaultdict(bool)
    for matter, found in find_open_matters(user):
        cases[matter.page] += found
        urgent[matter.page] |= matter.urgent
    return {
        page: {
            "badge": count_text(found),
            "badge_variant": "danger" if urgent[page] else "warning",
        }
        for page, found in cases.items()
    }
