"""The heartbeats of running processes (`core.heartbeats`), by their names in Prometheus."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from core.heartbeats import Gauge, read_heartbeats
from core.sections import load_items

GAUGES = (
    Gauge("pool", "size", "broker_db_pool_connections", "Connections to the database."),
    Gauge("pool", "available", "broker_db_pool_available", "Those that are free."),
    Gauge("pool", "waiting", "broker_db_pool_waiting", "Requests that wait for one."),
)


def gauge_families() -> Iterator[Metric]:
    """Yield one family for each of GAUGES, with a sample for each process that reports it.

    Raises:
        RedisError: Redis does not answer.
    """
    heartbeats = read_heartbeats()
    gauges: list[Gauge] = load_items("gauges")
    for gauge in gauges:
        family = CounterMetricFamily if gauge.is_counter else GaugeMetricFamily
        found = family(gauge.name, gauge.text, labels=["process"])
        for instance, numbers in sorted(heartbeats.get(gauge.process, {}).items()):
            if gauge.number in numbers:
                found.add_metric([instance], numbers[gauge.number] * gauge.factor)
        yield found
