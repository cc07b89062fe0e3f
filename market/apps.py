from core.sections import SectionConfig


class MarketConfig(SectionConfig):
    name = "market"
    verbose_name = "Market"
    urls = "market.api.urls.urlpatterns"
    field_meanings = "market.api.field_meanings.FIELD_MEANINGS"
    staff_actions = "market.backoffice.actions.ACTIONS"
    panels = "market.backoffice.panels.PANELS"
    dashboard_tiles = "market.backoffice.dashboard.TILES"
    attention = "market.backoffice.market_matters.MATTERS"
    navigation = "market.backoffice.navigation.NAVIGATION"
    role_permissions = "market.backoffice.role_permissions.ROLE_PERMISSIONS"
    health_checks = "market.health.checks"
    gauges = "market.metrics.GAUGES"
    metric_families = "market.metrics.families"
    price_views = "market.group_quotes.current_price_views"
    symbol_model = "market.models.Symbol"
    demo = "market.demo.seed"
