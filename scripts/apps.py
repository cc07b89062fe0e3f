from core.sections import SectionConfig


class ScriptsConfig(SectionConfig):
    name = "scripts"
    verbose_name = "Scripts"
    urls = "scripts.urls.urlpatterns"
    quotas = "scripts.quotas.of"
