from core.sections import SectionConfig


class AccountsConfig(SectionConfig):
    name = "accounts"
    verbose_name = "Accounts"
    urls = "accounts.api.urls.urlpatterns"
    field_meanings = "accounts.api.field_meanings.FIELD_MEANINGS"
    staff_actions = "accounts.backoffice.actions.ACTIONS"
    navigation = "accounts.backoffice.navigation.NAVIGATION"
    role_permissions = "accounts.backoffice.role_permissions.ROLE_PERMISSIONS"
    person_search = "accounts.models.PERSON_SEARCH"
    demo = "accounts.demo.seed"
    periodic_tasks = {
        "accounts.send_codes": 2.0,
        "accounts.prune_sign_ups": 3600.0,
        "accounts.prune_tokens": 86_400.0,
    }

    def ready(self) -> None:
        from accounts import checks  # noqa: F401 - registers them
