from core.sections import SectionConfig


class SettingsConfig(SectionConfig):
    name = "settings_app"
    verbose_name = "Client settings"
    urls = "settings_app.urls.urlpatterns"
    quotas = "settings_app.quotas.of"
