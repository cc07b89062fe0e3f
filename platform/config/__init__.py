"""Settings, URL conf and the entry points of each process."""

import gc

# Importing makes no garbage, and looking for it among a hundred thousand new objects takes a
# fifth of each start. `RuntimeConfig.ready` turns it on again.
gc.disable()

from config.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
