from core.sections import SectionConfig


class ScriptsConfig(SectionConfig):
    name = "scripts"
    verbose_name = "Scripts"
    urls = "scripts.api.urls.urlpatterns"
    field_meanings = "scripts.api.field_meanings.FIELD_MEANINGS"
    navigation = "scripts.backoffice.navigation.NAVIGATION"
    role_permissions = "scripts.backoffice.role_permissions.ROLE_PERMISSIONS"
    quotas = "scripts.quotas.list_quotas"
