"""Exponential backoff for an unavailable server; logs each change of its state once."""

import logging

FIRST_DELAY, LONGEST_DELAY = 0.05, 2.0  # seconds until the next attempt
log = logging.getLogger(__name__)


class Backoff:
    """Delays between attempts to reach one dependency; `what` names the work in the log."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._delay = 0.0

    def note_failure(self, error: Exception) -> float:
        """Record a failure; return the seconds to wait before the next attempt."""
        if not self._delay:
            reason = str(error).partition("\n")[0]
            log.error("%s: %s (%s); trying again", self.what, reason, type(error).__name__)
        self._delay = min(self._delay * 2, LONGEST_DELAY) or FIRST_DELAY
        return self._delay

    def note_success(self) -> None:
        """Reset the delay; log the end of an outage."""
        if self._delay:
            self._delay = 0.0
            log.info("%s: works again", self.what)
