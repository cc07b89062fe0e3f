"""The health check of the quotes."""

from django.conf import settings
from django.db import Error

from core import redis
from core.clock import now, now_ms
from core.redis_keys import QUOTES
from market import catalog
from market.backoffice import feed_health
from market.quotes.quote import decode_quote
from market.sessions import state

MOST_NAMES = 10  # most symbols in one line


def checks() -> list[tuple[str, bool, str]]:
    """Check the age of the newest quote of all, by receipt time, against READY_FEED_AGE.

    Symbols whose quotes are all refused are named but do not fail the check: the other
    symbols can still be served.

    Raises:
        RedisError: Redis does not answer.
    """
    quotes = redis.text_client().hgetall(QUOTES)  # text to text: the client decodes
    if not quotes:
        return [("quotes", False, f"none yet{format_all_refused()}")]
    newest = max(decode_quote(name, value).received for name, value in quotes.items())
    age = max(0.0, (now_ms() - newest) / 1000)
    message = f"of {len(quotes)} symbols, the newest {age:.1f} s old{format_all_refused()}"
    if not 0 < settings.READY_FEED_AGE < age:
        return [("quotes", True, message)]
    closed = is_every_market_closed()
    return [("quotes", closed, f"{message}; all markets are closed" if closed else message)]


def format_all_refused() -> str:
    """Name the symbols whose quotes are all refused, at most MOST_NAMES of them."""
    found = feed_health.symbols_all_refused()
    if not found:
        return ""
    named = ", ".join(
        f"{one.symbol} ({one.reason}, {max(0, now_ms() - one.since) / 1000:.0f} s)"
        for one in found[:MOST_NAMES]
    )
    more = f" and {len(found) - MOST_NAMES} more" if len(found) > MOST_NAMES else ""
    return f"; all are refused of {named}{more}"


def is_every_market_closed() -> bool:
    """Return True if no symbol can be traded now, so that no quotes are expected."""
    try:
        symbols = catalog.current_catalog().symbols.values()
        return not any(state.is_open(symbol, None, now()) for symbol in symbols)
    except Error:  # the database is unavailable, which another check reports
        return False
