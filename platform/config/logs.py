"""The settings of logging."""

from typing import Any

FORMATTERS = {"json": "observe.logs.JSONFormatter", "line": "observe.logs.LineFormatter"}
LEVELS = {
    # Ten lines a second that say "woken, nothing to do" would hide everything else.
    **dict.fromkeys(("celery.worker.strategy", "celery.app.trace", "celery.beat"), "WARNING"),
    "psycopg.pool": "ERROR",  # what a dead database is asked says so once
    "django.request": "ERROR",  # each request has its line already; this one has the traceback
}
# Django's own handlers would send mail, and `runserver` writes queries into its lines.
SILENT = ("django", "django.server", "django.channels.server")


def logging_of(style: str, level: str) -> dict[str, Any]:
    """LOGGING of Django: everything to stderr, in one style of FORMATTERS."""
    own = {name: {"handlers": [], "propagate": True} for name in SILENT}
    own["django.server"]["level"] = own["django.channels.server"]["level"] = "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": FORMATTERS[style]}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "chosen"}},
        "loggers": {**own, **{name: {"level": level} for name, level in LEVELS.items()}},
        "root": {"handlers": ["console"], "level": level},
    }
