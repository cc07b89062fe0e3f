from core.sections import SectionConfig


class AlertsConfig(SectionConfig):
    name = "alerts"
    verbose_name = "Price alerts"
    urls = "alerts.api.urls.urlpatterns"
    field_meanings = "alerts.api.field_meanings.FIELD_MEANINGS"
    staff_actions = "alerts.backoffice.actions.ACTIONS"
    panels = "alerts.backoffice.panels.PANELS"
    dashboard_tiles = "alerts.backoffice.dashboard.TILES"
    attention = "alerts.backoffice.alert_matters.MATTERS"
    navigation = "alerts.backoffice.navigation.NAVIGATION"
    role_permissions = "alerts.backoffice.role_permissions.ROLE_PERMISSIONS"
    counters = "alerts.metrics.COUNTERS"
    gauges = "alerts.metrics.GAUGES"
    quotas = "alerts.quotas.list_quotas"
    settings_handlers = "alerts.settings_handler.HANDLERS"
    client_mailbox = "alerts.deliveries.addresses.find_verified_mailbox"
    checkpoints = "alerts.checkpoints.highest"
    tasks_after_quotes = ("alerts.evaluate",)
    periodic_tasks = {
        "alerts.deliver": 1.0,
        "alerts.close_expired": 60.0,
        "alerts.prune_logs": 86_400.0,
    }

    def ready(self) -> None:
        from alerts import checks  # noqa: F401 - registers them
        from alerts.evaluation import terms_changes

        terms_changes.connect()
