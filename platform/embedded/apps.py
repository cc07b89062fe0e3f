from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    name = "embedded"
    verbose_name = "Private servers"

    def ready(self) -> None:
        from embedded import production  # noqa: F401 - registers its checks
