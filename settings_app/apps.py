from core.sections import SectionConfig


class SettingsConfig(SectionConfig):
    name = "settings_app"
    verbose_name = "Client settings"
    urls = "settings_app.api.urls.urlpatterns"
    field_meanings = "settings_app.api.field_meanings.FIELD_MEANINGS"
    navigation = "settings_app.backoffice.navigation.NAVIGATION"
    role_permissions = "settings_app.backoffice.role_permissions.ROLE_PERMISSIONS"
    quotas = "settings_app.quotas.list_quotas"
