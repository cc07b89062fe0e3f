"""What Prometheus is told of alerts: counters, added up over all processes."""

from core.counters import Counter

FIRED = Counter("broker_alerts_fired_total", "Firings that were logged.")
COUNTERS = (FIRED,)
