from django.apps import AppConfig


class ObserveConfig(AppConfig):
    name = "observe"
    verbose_name = "Logs, metrics and probes"

    def ready(self) -> None:
        from importlib import import_module

        from django.conf import settings

        from config.sections import section_modules
        from observe import carrying, sentry  # noqa: F401 - carrying connects its receivers

        for module in section_modules("metrics"):  # that they are known before they count
            import_module(module)
        if settings.SENTRY_DSN:
            release = str(settings.SPECTACULAR_SETTINGS["VERSION"])
            sentry.start(settings.SENTRY_DSN, settings.ENVIRONMENT, release)
