from core.sections import SectionConfig


class RealtimeConfig(SectionConfig):
    name = "realtime"
    verbose_name = "Stream"
    panels = "realtime.panels.PANELS"
    live_tiles = "realtime.row_tiles.TILES"
    periodic_tasks = {"realtime.prune_events": 86_400.0}
