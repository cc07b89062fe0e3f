"""`/metrics`: what all processes counted and reported, in the text format of Prometheus."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from celery import current_app
from django.conf import settings
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)

from core import redis
from core.sections import load_contributions
from observe import counters, gauges, health
from observe.timeboxed import TimeboxedCall

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SOURCE_WITHIN = 3.0  # seconds that each source gets
Fields = dict[tuple[str, ...], float]


def metrics_text() -> bytes:
    """Return the metrics of all sources.

    A source that fails is missing, and `broker_scrape_ok` is 0 for it.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(PlatformCollector())
    return generate_latest(registry)


class PlatformCollector:
    """Collects the metrics of the whole platform."""

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families of all sources."""
        scraped = GaugeMetricFamily("broker_scrape_ok", "Whether it answered.", labels=["source"])
        for call in SOURCES.values():
            call.start()
        for name, call in SOURCES.items():
            try:
                yield from call.wait()
            except Exception:  # noqa: BLE001 - the other sources are still reported
                scraped.add_metric([name], 0)
            else:
                scraped.add_metric([name], 1)
        yield scraped


def collect_counters() -> Iterator[Metric]:
    """Yield the counters and histograms of all processes, after a flush of this one's."""
    counters.flush_counts()
    fields: dict[str, Fields] = defaultdict(dict)
    for (name, *rest), number in counters.read_totals():
        fields[name][tuple(rest)] = number
    for name, family in counters.FAMILIES.items():
        if isinstance(family, counters.Histogram):
            yield _histogram(family, fields[name])
        else:
            yield _counter(family, fields[name])


def _counter(family: counters.Counter, fields: Fields) -> Metric:
    found = CounterMetricFamily(family.name, family.text, labels=family.labels)
    if not family.labels:
        fields.setdefault((), 0)  # known before it has happened
    for values, number in sorted(fields.items()):
        found.add_metric(values, number)
    return found


def _histogram(family: counters.Histogram, fields: Fields) -> Metric:
    found = HistogramMetricFamily(family.name, family.text, labels=family.labels)
    for values in sorted({field[:-1] for field in fields}):
        total, buckets = 0.0, []
        for bound in family.buckets:
            total += fields.get((*values, bound), 0)
            buckets.append((bound, total))
        found.add_metric(values, buckets, fields.get((*values, counters.SUM), 0))
    return found


def collect_queue_lengths() -> Iterator[Metric]:
    """Yield the length of each Celery queue."""
    found = GaugeMetricFamily("broker_celery_queue_length", "Tasks waiting.", labels=["queue"])
    with current_app.connection_for_read() as connection:
        channel: Any = connection.default_channel
        for name in current_app.amqp.queues:
            found.add_metric([name], channel.client.llen(name))
    yield found


def collect_health() -> Iterator[Metric]:
    """Yield the readiness checks, the worker's heartbeat and the release."""
    up = GaugeMetricFamily("broker_up", "Whether a part is well.", labels=["part"])
    for check in health.check_readiness():
        up.add_metric([check.name], check.ok)
    up.add_metric(["worker"], redis.is_alive("worker"))
    yield up
    version = str(settings.SPECTACULAR_SETTINGS["VERSION"])
    yield InfoMetricFamily("broker_build", "The release.", value={"version": version})


def collect_sections() -> Iterator[Metric]:
    """Yield what the sections declare as `metric_families`."""
    for families in load_contributions("metric_families"):
        yield from families()


def timeboxed_source(collect: Callable[[], Iterable[Metric]]) -> TimeboxedCall[list[Metric]]:
    return TimeboxedCall(lambda: list(collect()), within=SOURCE_WITHIN)


SOURCES = {
    "counters": timeboxed_source(collect_counters),
    "vitals": timeboxed_source(gauges.gauge_families),
    "celery": timeboxed_source(collect_queue_lengths),
    "parts": timeboxed_source(collect_health),
    "sections": timeboxed_source(collect_sections),
}
