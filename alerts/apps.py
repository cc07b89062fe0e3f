from core.sections import SectionConfig


class AlertsConfig(SectionConfig):
    name = "alerts"
    verbose_name = "Price alerts"
    urls = "alerts.urls.urlpatterns"
    panels = "alerts.panels.PANELS"
    dashboard_tiles = "alerts.dashboard.TILES"
    navigation = "alerts.backoffice.navigation.NAVIGATION"
    role_permissions = "alerts.backoffice.role_permissions.ROLE_PERMISSIONS"
    counters = "alerts.metrics.COUNTERS"
    gauges = "alerts.metrics.GAUGES"
    quotas = "alerts.quotas.of"
    settings_handlers = "alerts.own_settings.HANDLERS"
    checkpoints = "alerts.numbers.highest"
    load_data = "alerts.load.load"
    tasks_after_quotes = ("alerts.evaluate",)
    periodic_tasks = {
        "alerts.deliver": 1.0,
        "alerts.close_expired": 60.0,
        "alerts.prune_logs": 86_400.0,
    }

    def ready(self) -> None:
        from alerts import checks  # noqa: F401 - registers them
