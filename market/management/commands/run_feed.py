"""`manage.py run_feed`: the feed process; `run_feed replay FILE… --speed N` plays real ticks."""

import logging
import signal
import threading
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.leader import Leadership
from core.numbers import read_float, read_integer
from market.feed.adapters.feed_adapter import FeedAdapter
from market.feed.adapters.push import PushAdapter
from market.feed.adapters.replay import ReplayAdapter
from market.feed.adapters.simulated import SimulatedAdapter
from market.feed.adapters.tick_files import BadTickFile
from market.feed.publisher import Superseded
from market.feed.runner import Feed

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Takes quotes in and publishes them. Without an adapter: the one of FEED."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("adapter", nargs="?", choices=("simulated", "push", "replay"))
        parser.add_argument("files", nargs="*", help="replay: zips and CSVs of ticks")
        parser.add_argument("--speed", type=read_float, help="replay: times as fast, 0 at once")
        parser.add_argument("--seed", type=read_integer, default=1, help="simulated: another walk")

    def handle(
        self,
        *_: object,
        adapter: str | None,
        files: list[str],
        speed: float | None,
        seed: int,
        **__: object,
    ) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        leadership = Leadership("feed")
        try:
            source = _choose_adapter(adapter, files, speed, seed)
            while leadership.acquire(stop):
                feed = Feed(source, leadership, stop)
                if self._run_feed(feed, stay=adapter is None):
                    break
                leadership.close()
        except BadTickFile as error:
            raise CommandError(str(error)) from None
        finally:
            leadership.close()

    def _run_feed(self, feed: Feed, *, stay: bool) -> bool:
        """Run to the end and print the totals; return False if another feed took over."""
        began = time.monotonic()
        try:
            feed.run(stay=stay)
        except Superseded:
            log.warning("feed: another feed has taken over; standing by")
            return False
        seconds = time.monotonic() - began
        refused = ", ".join(f"{reason} {n}" for reason, n in sorted(feed.refused.items()))
        speed = f"{feed.accepted / max(seconds, 0.001):,.0f} a second"
        self.stdout.write(f"feed: {feed.accepted} accepted, refused: {refused or 'none'}; {speed}")
        return True


def _choose_adapter(
    name: str | None, files: list[str], speed: float | None, seed: int
) -> FeedAdapter:
    """Return the adapter that the arguments, or else the settings, name."""
    adapter = name or settings.FEED
    if adapter == "simulated":
        return SimulatedAdapter(seed)
    if adapter == "push":
        return PushAdapter()
    replayed = speed if speed is not None else settings.FEED_SPEED
    return ReplayAdapter(files or settings.FEED_FILES, replayed)
