"""The LOGGING setting."""

FORMATTERS = {
    "json": "observe.formatters.JSONFormatter",
    "line": "observe.formatters.LineFormatter",
}
LEVELS = {
    # Ten lines a second about tasks with nothing to do would hide everything else.
    **dict.fromkeys(("celery.worker.strategy", "celery.app.trace", "celery.beat"), "WARNING"),
    "fontTools": "WARNING",  # a dozen lines for each font of a PDF
    "psycopg.pool": "ERROR",  # who uses an unavailable database logs it once
    "django.request": "ERROR",  # each request is logged already; this logs tracebacks
}
# Django's own handlers would send mail, and `runserver` writes queries into its lines.
SILENCED_LOGGERS = ("django", "django.server", "django.channels.server")


def logging_settings(style: str, level: str) -> dict[str, object]:
    """Return Django's LOGGING: everything to stderr, in one style of FORMATTERS."""
    silenced = {name: {"handlers": [], "propagate": True} for name in SILENCED_LOGGERS}
    silenced["django.server"]["level"] = silenced["django.channels.server"]["level"] = "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": FORMATTERS[style]}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "chosen"}},
        "loggers": {**silenced, **{name: {"level": level} for name, level in LEVELS.items()}},
        "root": {"handlers": ["console"], "level": level},
    }
