"""A server that is away: said once when it begins and once when it ends, asked ever more rarely."""

import logging

FIRST_DELAY, LONGEST_DELAY = 0.05, 2.0  # seconds until the next attempt
log = logging.getLogger(__name__)


class Outage:
    """The state of one dependency."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._delay = 0.0

    def failed(self, error: Exception) -> float:
        """Note a failure; how long to wait before the next attempt, in seconds."""
        if not self._delay:
            reason = str(error).partition("\n")[0]
            log.error("%s: %s (%s); trying again", self.what, reason, type(error).__name__)
        self._delay = min(self._delay * 2, LONGEST_DELAY) or FIRST_DELAY
        return self._delay

    def over(self) -> None:
        """Note a success."""
        if self._delay:
            self._delay = 0.0
            log.info("%s: works again", self.what)
