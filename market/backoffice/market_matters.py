"""What may need attention in the market: symbols without quotes while it is open."""

from django.urls import reverse

from backoffice.attention.matters import MOST_CASES, Case, Groups, Matter
from market.backoffice import feed_health


def find_silent_symbols(_groups: Groups) -> list[Case]:
    """Return the symbols that are silent in an open market."""
    page = reverse("admin:market_feed_health")
    silent = feed_health.silent_symbols()
    return [Case(symbol, symbol, page) for symbol in silent[:MOST_CASES]]


MATTERS = (
    Matter(
        "silent_symbols",
        "Symbols without quotes",
        "market.view_lastquote",
        "admin:market_feed_health",
        find_silent_symbols,
        once_a_day=True,
    ),
)
