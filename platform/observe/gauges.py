"""What running processes say of themselves (`core.vitals`), by the names that Prometheus gets."""

from collections.abc import Iterator
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from core import vitals

MS = 0.001  # to seconds, the unit of Prometheus


class Gauge(NamedTuple):
    """A metric that one number of a process's vitals becomes."""

    process: str
    number: str
    name: str
    text: str
    factor: float = 1
    counts: bool = False  # since the process began


GAUGES = (
    Gauge("engine", "leader", "broker_engine_leader", "1 where it leads, 0 on standby."),
    Gauge("engine", "lag_ms", "broker_engine_lag_seconds", "Behind the newest quote.", MS),
    Gauge("engine", "pass_ms", "broker_engine_pass_seconds", "Longest of the last second.", MS),
    Gauge("engine", "trades", "broker_engine_trades", "Open positions in the book."),
    Gauge("engine", "orders", "broker_engine_orders", "Orders in the book."),
    Gauge("engine", "accounts", "broker_engine_accounts", "Accounts in the book."),
    Gauge("feed", "newest_ms", "broker_feed_age_seconds", "Age of the newest quote.", MS),
    Gauge("feed", "waiting", "broker_feed_waiting", "Quotes taken in and not yet published."),
    Gauge("feed", "accepted", "broker_feed_quotes", "Quotes published.", counts=True),
    Gauge("feed", "refused", "broker_feed_refused", "Quotes refused.", counts=True),
    Gauge("alerts", "lag_ms", "broker_alert_lag_seconds", "From quote to evaluation.", MS),
    Gauge("stream", "sockets", "broker_stream_sockets", "Authorized sockets."),
    Gauge("stream", "frames", "broker_stream_frames", "Frames sent.", counts=True),
    Gauge("stream", "merged", "broker_stream_merged", "Quotes replaced by newer.", counts=True),
    Gauge("stream", "slow", "broker_stream_slow", "Sockets closed as too slow.", counts=True),
    Gauge("pool", "size", "broker_db_pool_connections", "Connections to the database."),
    Gauge("pool", "available", "broker_db_pool_available", "Those that are free."),
    Gauge("pool", "waiting", "broker_db_pool_waiting", "Requests that wait for one."),
)


def families() -> Iterator[Metric]:
    """One family for each of GAUGES, with a sample for each process that tells it.

    Raises:
        RedisError: Redis does not answer.
    """
    told = vitals.told()
    for gauge in GAUGES:
        family = CounterMetricFamily if gauge.counts else GaugeMetricFamily
        found = family(gauge.name, gauge.text, labels=["process"])
        for instance, numbers in sorted(told.get(gauge.process, {}).items()):
            if gauge.number in numbers:
                found.add_metric([instance], numbers[gauge.number] * gauge.factor)
        yield found
