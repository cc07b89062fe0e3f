"""What the engine does while PostgreSQL or Redis is unavailable: it waits and repeats."""

import logging
import threading
from collections.abc import Callable

from django.db import connection

from core.errors import UNAVAILABLE_ERRORS

log = logging.getLogger(__name__)
BACK_OFF = 1.0  # seconds between two attempts


def retry_until_available(
    stop: threading.Event, work: Callable[[], None], on_failure: Callable[[], None]
) -> None:
    """Do the work; while a server is unavailable log, call `on_failure`, wait and repeat.

    Returns when the work is done or `stop` is set.
    """
    while True:
        try:
            return work()
        except UNAVAILABLE_ERRORS as error:
            log.warning("waiting: %s", error)
            connection.close()
            on_failure()
            if stop.wait(BACK_OFF):
                return None
