from core.sections import SectionConfig


class RealtimeConfig(SectionConfig):
    name = "realtime"
    verbose_name = "Stream"
    gauges = "realtime.stream.metrics.GAUGES"
    periodic_tasks = {"realtime.prune_events": 86_400.0, "realtime.prune_notifications": 86_400.0}
