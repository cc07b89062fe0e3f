"""Prometheus metrics of the market: symbols whose quotes are all refused."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from core.clock import now_ms
from core.heartbeats import MS, Gauge
from market.backoffice import feed_health

GAUGES = (
    Gauge("feed", "newest_ms", "broker_feed_age_seconds", "Age of the newest quote.", MS),
    Gauge("feed", "waiting", "broker_feed_waiting", "Quotes taken in and not yet published."),
    Gauge("feed", "accepted", "broker_feed_quotes", "Quotes published.", is_counter=True),
    Gauge("feed", "refused", "broker_feed_refused", "Quotes refused.", is_counter=True),
)


def families() -> Iterator[Metric]:
    """Yield a sample for each symbol whose quotes are all refused.

    Raises:
        RedisError: Redis does not answer.
    """
    found = GaugeMetricFamily(
        "broker_feed_symbol_refused_seconds",
        "How long all quotes of a symbol in an open market have been refused.",
        labels=["symbol", "reason"],
    )
    for refused in feed_health.symbols_all_refused():
        found.add_metric([refused.symbol, refused.reason], max(0, now_ms() - refused.since) / 1000)
    yield found
