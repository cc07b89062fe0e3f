"""Prometheus counters of price alerts, added up over all processes."""

from core.heartbeats import MS, Gauge
from observe.counters import Counter

FIRED = Counter("broker_alerts_fired_total", "Firings that were logged.")
COUNTERS = (FIRED,)
GAUGES = (Gauge("alerts", "lag_ms", "broker_alert_lag_seconds", "From quote to evaluation.", MS),)
