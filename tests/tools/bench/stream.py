"""`make bench`, the stream: frames/s beside a bare broadcaster and Channels' groups, in turns.

How busy the machine is changes frames/s; the CPU of the server for a frame stands beside them.
"""

import json
import os
import resource
import statistics
from collections import defaultdict
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from tests.tools.bench.servers import bench_servers

if TYPE_CHECKING:
    from accounts.models import Group
    from tests.tools.bench.streaming.stream_rig import BenchFeed, MeasuredServer, ReaderProcess

RATE = 100  # quotes a second
WARM, SECONDS, ROUNDS = 1.0, 4.0, 2
FIRST_LOGIN, LOGINS, EACH = 700_000, 400, 10  # sockets of one login
MARKUPS = {1: 710_000, 8: 720_000}  # so many distinct ones: the first login that sees them
MARGIN = 4 / 3  # by which another server would have to win


class Figures(NamedTuple):
    """The figures of one round."""

    frames: float  # a second
    cost: float  # microseconds of the server's CPU for one frame


def main() -> None:
    """Start private servers, then measure."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with bench_servers(), ExitStack() as stack:
        os.environ |= {"LOG_LEVEL": "ERROR", "BENCH_RATE": str(RATE)}  # of what is started here
        from tests.tools.bench.streaming import stream_rig as rig

        write_logins()
        sides = {
            side: stack.enter_context(rig.serve(command)) for side, command in rig.SIDES.items()
        }
        StreamBench(sides, rig.ReaderProcess(), rig.BenchFeed()).report()


def write_logins() -> None:
    """Write logins for the sockets: of a group without terms, and of those with mark-ups."""
    from tests import factories
    from tests.tools.bench.streaming.stream_rig import NAMES

    write_accounts(FIRST_LOGIN, LOGINS, [factories.group("bench")])
    for name in NAMES:
        factories.symbol(name, 6, currency="USD", quote_currency="USD", margin_currency="USD")
    for count, first in MARKUPS.items():
        write_accounts(first, 1000 // EACH, [group_with_markup(n) for n in range(1, count + 1)])


def group_with_markup(points: int) -> "Group":
    """Return a group that sees every price so many points further out."""
    from market.models import GroupTerms
    from tests import factories

    group = factories.group(f"bench-{points}")
    terms = {"symbols": "*", "bid_markup": points, "ask_markup": points}
    GroupTerms.objects.get_or_create(group=group, defaults=terms)
    return group


def write_accounts(first: int, count: int, groups: "list[Group]") -> None:
    """Write accounts of the groups in turns."""
    from accounts.models import Account, User

    users = [User(login=first + number, regdate=0) for number in range(count)]
    User.objects.bulk_create(users)
    Account.objects.bulk_create(
        Account(user=user, group=groups[number % len(groups)], leverage=1)
        for number, user in enumerate(users)
    )


class StreamBench:
    """The servers, the sockets and the feed."""

    def __init__(
        self, servers: "dict[str, MeasuredServer]", readers: "ReaderProcess", feed: "BenchFeed"
    ) -> None:
        self._servers, self._readers, self._feed = servers, readers, feed

    def report(self) -> None:
        """Print the whole table."""
        memory, cpu = self.idle(1000)
        found: dict[str, list[Figures]] = defaultdict(list)
        for _ in range(ROUNDS):
            for side in self._servers:
                found[side].append(self.measure_round(side, 1000))
        median = {side: medians(figures) for side, figures in found.items()}
        table_lines(1000, median)
        ours = median["ours"]
        wins = median["uvicorn"].frames / ours.frames > MARGIN
        print(f"  uvicorn {'wins by more than a third' if wins else 'does not win'}")  # noqa: T201
        self.report_markups(ours)
        for count in (100, 4000):
            table_lines(
                count, {side: self.measure_round(side, count) for side in ("ours", "bare", "group")}
            )
        most = self.measure_round("ours", 1000, RATE * 10)
        print(f"the most to 1000 sockets: {most.frames:,.0f} frames/s at {most.cost:.1f} us")  # noqa: T201
        rate = ours.frames / 1000 / 2
        p50, p99 = self.latency(1000, rate)
        print(f"feed to socket at {rate:.0f} quotes/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms")  # noqa: T201
        print(f"an idle socket: {memory / 1024:.0f} KiB, {cpu * 1e3:.1f} ms of CPU to sign in")  # noqa: T201
        print(f"the readers' ceiling: {self.ceiling(1000):,.0f} frames/s", flush=True)  # noqa: T201

    def report_markups(self, market: Figures) -> None:
        """Print what account groups that see other prices cost."""
        found: dict[int, list[Figures]] = defaultdict(list)
        for _ in range(ROUNDS):
            for count, first in MARKUPS.items():
                found[count].append(self.measure_round("ours", 1000, first=first))
        for count, figures in found.items():
            cost = medians(figures).cost
            line = f"1000 sockets, {count} mark-ups: {cost:.1f} us of CPU a frame"
            print(f"{line}, {cost / market.cost:.2f} x that of the market's prices", flush=True)  # noqa: T201

    def measure_round(
        self, side: str, count: int, rate: float = RATE, first: int = FIRST_LOGIN
    ) -> Figures:
        """Return what the side reaches with that many sockets, of logins from `first` on."""
        server = self._servers[side]
        self._readers.ask("open", server.port, first_frames(side, count, first))
        warm = WARM * max(1, count / 1000)
        self._readers.send_command("count", warm)
        self._feed.run(warm, rate)
        self._readers.read_answer()
        self._readers.send_command("count", SECONDS)
        before = server.cpu()
        self._feed.run(SECONDS, rate)
        used, counted = server.cpu() - before, self._readers.read_answer()
        self._readers.ask("close")
        frames = max(1, counted["frames"])
        return Figures(frames / counted["seconds"], used / frames * 1e6)

    def latency(self, count: int, rate: float) -> tuple[float, float]:
        """Return p50 and p99 in milliseconds."""
        self._readers.ask("open", self._servers["ours"].port, first_frames("ours", count))
        self._readers.send_command("count", WARM)
        self._feed.run(WARM, rate)
        self._readers.read_answer()
        self._readers.send_command("latency", SECONDS)
        self._feed.run(SECONDS, rate)
        p50, p99 = self._readers.read_answer()
        self._readers.ask("close")
        return p50, p99

    def idle(self, count: int) -> tuple[float, float]:
        """Return memory and CPU seconds of the server for an idle authorized socket."""
        server = self._servers["ours"]
        self._readers.ask(
            "open", server.port, first_frames("ours", EACH)[:EACH]
        )  # what the first one loads
        memory, cpu = server.memory(), server.cpu()
        self._readers.ask("open", server.port, first_frames("idle", count)[EACH:])
        more = count - EACH
        used = (server.memory() - memory) / more, (server.cpu() - cpu) / more
        self._readers.ask("close")
        return used

    def ceiling(self, count: int) -> float:
        """Return the frames/s that the readers count of a sender that only sends."""
        from tests.tools.bench.streaming.stream_rig import blast_frames

        with blast_frames(count) as port:
            self._readers.ask("open", port, [[]] * count)
            counted = self._readers.ask("count", SECONDS)
            self._readers.ask("close")
        return float(counted["frames"] / counted["seconds"])


def first_frames(side: str, count: int, first: int = FIRST_LOGIN) -> list[list[str]]:
    """Return the first frames of each socket."""
    from core.session_tokens import SessionToken
    from tests.tools.bench.streaming.stream_rig import NAMES

    if side in ("bare", "group"):
        return [[str(count)]] * count
    logins = range(first, first + -(-count // EACH))
    tokens = [str(SessionToken.issue(login, 0, 1)) for login in logins]
    asks = [] if side == "idle" else [json.dumps({"event": "subscribe", "data": NAMES})]
    return [[json.dumps({"authorization": tokens[n // EACH]}), *asks] for n in range(count)]


def medians(figures: list[Figures]) -> Figures:
    """Return the medians."""
    return Figures(*map(statistics.median, zip(*figures, strict=True)))


def table_lines(count: int, found: dict[str, Figures]) -> None:
    """Return the sides' figures with that many sockets, and our share of each."""
    ours = found["ours"]
    print(f"{count} sockets, {RATE} quotes/s")  # noqa: T201
    for side, (frames, cost) in found.items():
        line = f"  {side:8} {frames:9,.0f} frames/s  {cost:6.1f} us of CPU a frame"
        if side != "ours":
            line += f"  ours {ours.frames / frames:5.1f} x the frames, 1/{cost / ours.cost:.0f} CPU"
        print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
