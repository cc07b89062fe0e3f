from core.sections import SectionConfig


class TradingConfig(SectionConfig):
    name = "trading"
    verbose_name = "Trading"
    urls = "trading.api.urls.urlpatterns"
    field_meanings = "trading.api.field_meanings.FIELD_MEANINGS"
    staff_actions = "trading.backoffice.actions.registered.ACTIONS"
    panels = "trading.backoffice.panels.PANELS"
    live_tiles = "trading.backoffice.live_tiles.TILES"
    client_header = "trading.backoffice.clients.account_header.load_client_header"
    dashboard_tiles = "trading.backoffice.dashboard.TILES"
    attention = "trading.backoffice.trading_matters.MATTERS"
    save_previews = "trading.backoffice.save_previews.PREVIEWS"
    navigation = "trading.backoffice.navigation.NAVIGATION"
    list_tabs = "trading.backoffice.navigation.LIST_TABS"
    role_permissions = "trading.backoffice.role_permissions.ROLE_PERMISSIONS"
    health_checks = "trading.health.checks"
    counters = "trading.metrics.COUNTERS"
    gauges = "trading.metrics.GAUGES"
    checkpoints = "trading.checkpoints.highest"
    uses_symbol = "trading.signals.has_live_trades"
    account_opened = "trading.signals.post_first_deposit"
    demo = "trading.demo.seed"
    periodic_tasks = {
        "trading.complete_fills": 15.0,
        "trading.rollover": 60.0,
        "trading.mail_reports": 300.0,
    }

    def ready(self) -> None:
        from trading import checks, signals  # noqa: F401 - registers them, connects its receivers
