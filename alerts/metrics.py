"""Prometheus counters of price alerts, added up over all processes."""

from core.counters import Counter
from core.vitals import MS, Gauge

FIRED = Counter("broker_alerts_fired_total", "Firings that were logged.")
COUNTERS = (FIRED,)
GAUGES = (Gauge("alerts", "lag_ms", "broker_alert_lag_seconds", "From quote to evaluation.", MS),)
