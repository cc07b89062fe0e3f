from core.sections import SectionConfig, load_contributions


class ObserveConfig(SectionConfig):
    name = "observe"
    verbose_name = "Logs, metrics and probes"
    gauges = "observe.gauges.GAUGES"

    def ready(self) -> None:
        from django.conf import settings

        from core import section_checks  # noqa: F401 - registers them
        from observe import celery_context, sentry  # noqa: F401 - carrying connects its receivers

        load_contributions("counters")  # registers their metrics before use
        if settings.SENTRY_DSN:
            release = str(settings.SPECTACULAR_SETTINGS["VERSION"])
            sentry.start_sentry(settings.SENTRY_DSN, settings.ENVIRONMENT, release)
