"""The interface of a feed adapter."""

import threading
import time
from collections.abc import Iterable, Mapping

from market.feed.candles import CandleBar
from market.feed.intake import Intake
from market.feed.publisher import PushAnswer
from market.hours import Hours
from market.models import Symbol
from market.quotes.tick_log import Tick


class FeedAdapter:
    """Brings quotes in; `resumes` says whether it continues the stored quotes."""

    name = ""
    resumes = True

    def make_history(
        self, symbols: Iterable[Symbol], hours: Mapping[str, Hours]
    ) -> Iterable[CandleBar]:
        """Return the past of symbols that have neither candles nor a quote; before `start`."""
        return ()

    def start(self, symbols: Iterable[Symbol], quotes: dict[str, Tick]) -> None:
        """Begin; the feed leads now. `quotes` are the newest ones known, by symbol."""

    def update_symbols(self, symbols: Iterable[Symbol]) -> None:
        """Take over the symbols as they are now."""

    def pump(self, intake: Intake, until: float, stop: threading.Event) -> bool:
        """Put quotes into the intake until the monotonic time; return False at the end of all.

        May return earlier with a full batch or on `stop`.
        """
        raise NotImplementedError

    def take_answers(self) -> list[PushAnswer]:
        """Return the answers to be sent with the quotes of the last `pump`."""
        return []


def wait_until(until: float, stop: threading.Event) -> None:
    """Wait until the monotonic time or `stop`."""
    stop.wait(max(0.0, until - time.monotonic()))
