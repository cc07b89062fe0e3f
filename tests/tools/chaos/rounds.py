"""One fault after the other, each under load, each followed by all checks."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from django.db import DatabaseError, connection
from redis.exceptions import RedisError

from accounts.models import Account
from alerts.models import AlertCheckpoint
from market.quotes import tick_log
from tests import factories
from tests.tools.chaos.checks import Finding, find_all
from tests.tools.chaos.faulty_platform import (
    TOKEN,
    FaultyPlatform,
    ManagedProcess,
    ManagedServer,
    wait_until,
)
from tests.tools.chaos.load import PRICES, QuotePusher, RandomTrader, RequestLog
from tests.tools.chaos.price_crash import FALL, FALL_SECONDS, VICTIMS, CrashCrowd
from tests.tools.chaos.resuming_sockets import ResumingSockets
from tests.tools.chaos.slow_probes import run_slow_clients
from trading.models import EngineCheckpoint

LOGINS = range(800_001, 800_021)
BEFORE, AFTER = 2.0, 3.0  # seconds of load around a fault
DOWN = {"kill": 1.0, "stop": 6.0}  # seconds until it is started or goes on
RECOVERY_WITHIN = 60.0  # seconds
HEAD = (
    f"{'fault':<14}{'operations':>11}{'accepted':>10}{'repeated':>10}{'lost':>6}{'doubled':>9}"
    f"{'unclean':>9}{'wrong':>7}{'recovery s':>12}"
)


class ChaosRun:
    """A platform with data, under load."""

    def __init__(self, platform: FaultyPlatform, sockets: int, rate: float) -> None:
        self.platform, self.book = platform, RequestLog()
        self.crashes: list[CrashCrowd] = []
        create_rows()
        platform.start()
        self.bridge = QuotePusher(platform.web, self.book, TOKEN)
        self.bridge.start()
        wait_until(lambda: self.bridge.pushed > 0, RECOVERY_WITHIN, "the feed takes no quotes")
        self.clients = [
            RandomTrader(login, platform.web, self.book, login, rate) for login in LOGINS
        ]
        for client in self.clients:  # one by one: a hash is costly on purpose
            client.sign_in()
            client.start()
        tokens = {client.login: client.caller.token for client in self.clients}
        self.crowd = ResumingSockets(tokens, max(1, sockets // len(LOGINS)), platform.stream)
        self.crowd.start()
        wait_until(
            lambda: self.crowd.open == len(self.crowd.sockets),
            RECOVERY_WITHIN,
            "sockets do not open",
        )

    def run_round(self, name: str, way: str) -> tuple[str, list[str]]:
        """Cause the fault under load; return a table line and what is wrong afterwards."""
        begin = time.monotonic()
        time.sleep(BEFORE)
        unclean = len(self.book.unclean)
        words, failed = self._start_slow_clients() if name == "clients" else ("", [])
        crowd = CrashCrowd(len(self.crashes) + 1) if name == "market" else None
        if crowd is not None:
            self.crashes.append(crowd)
            failed = list(self._crash())
        elif not words:
            self._cause_fault(name, way)
        recovery = self._wait_for_recovery()
        time.sleep(AFTER)
        end = time.monotonic()
        found = self._find_faults()
        if crowd is not None:
            found += [Finding("lost", missed) for missed in crowd.find_missed()]
            found += [Finding("doubled", notice) for notice in crowd.find_wrong_notices()]
            words = crowd.describe()
        done = self.book.overlapping(begin, end)
        counts = Counter(finding.kind for finding in found)
        dirty = self.book.unclean[unclean:]
        line = (
            f"{name + ' ' + way:<14}{len(done):>11}{sum(o.accepted for o in done):>10}"
            f"{sum(o.tries > 1 for o in done):>10}{counts['lost']:>6}{counts['doubled']:>9}"
            f"{len(dirty):>9}{counts['wrong']:>7}{recovery:>12.1f}"
        )
        wrong = [f"{finding.kind}: {finding.words}" for finding in found]
        wrong += [*failed, *(f"unclean: {what}" for what in dirty)]
        return f"{line}  {words}".rstrip(), wrong

    def end(self) -> None:
        """Stop the load."""
        for client in self.clients:
            client.halt.set()
        self.bridge.halt.set()
        self.crowd.halt()

    def describe_progress(self) -> str:
        """Return how far everything has come, to find out what is stuck."""
        connection.close()  # its server may have been killed since
        engine = list(EngineCheckpoint.objects.values_list("shard", "batch"))
        alerts = list(AlertCheckpoint.objects.values_list("shard", "batch"))
        ends = f"ended by themselves {self.platform.restarts}, sockets {self.crowd.open}"
        return f"{ends}, path {self._newest()}, engine {engine}, alerts {alerts}"

    def summary(self, seconds: float) -> str:
        kinds = Counter(operation.kind for operation in self.book.operations)
        parts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        frames = sum(socket.frames for socket in self.crowd.sockets)
        return (
            f"{parts}; {frames} frames to {len(self.crowd.sockets)} sockets; {seconds:.0f} s; "
            f"ended by themselves: {self.platform.restarts or 'none'}"
        )

    def _cause_fault(self, name: str, way: str) -> None:
        if name == "disk":
            self._fill_disk()
            return
        victim = self.platform.process_named(name)
        if way == "kill":
            victim.kill()
            time.sleep(DOWN[way])
            victim.start()
        else:
            victim.send_signal(signal.SIGSTOP)
            time.sleep(DOWN[way])
            victim.send_signal(signal.SIGCONT)

    def _crash(self) -> Iterator[str]:
        """Let the prices fall, and kill in turn what is to act on it; yield who died too late."""
        self.bridge.fall(FALL, FALL_SECONDS)
        down: list[ManagedProcess | ManagedServer] = []
        pause = FALL_SECONDS / (len(VICTIMS) + 1)
        for name in VICTIMS:
            time.sleep(pause)
            victim = self.platform.process_named(name)
            if not self.bridge.falls:
                yield f"the prices had fallen before {name} was killed"
            victim.kill()
            down.append(victim)
        for victim in down:  # by this thread: what a thread starts ends with it
            time.sleep(pause)
            victim.start()
        wait_until(
            lambda: not self.bridge.falls, RECOVERY_WITHIN, "the prices do not fall to the end"
        )

    def _start_slow_clients(self) -> tuple[str, list[str]]:
        """Connect slow clients to the proxy; return what the probes report."""
        assert self.platform.proxy is not None
        return run_slow_clients(self.platform.proxy.port, self.clients[0].caller.token)

    def _fill_disk(self) -> None:
        """Fill PostgreSQL's disk for a while; restart it if that ended it."""
        disk, server = self.platform.disk, self.platform.machines["postgres"]
        assert disk is not None
        disk.fill()
        time.sleep(DOWN["stop"])
        disk.free()
        if server.has_ended():
            server.start()

    def _wait_for_recovery(self) -> float:
        """Return the seconds from the end of the fault until everything works again."""
        begin = time.monotonic()
        wait_until(lambda: self.bridge.last > begin, RECOVERY_WITHIN, "the feed does not come back")
        batch = self._newest()
        wait_until(
            lambda: any(o.ended > begin for o in self.book.operations[-200:] if o.kind == "open"),
            RECOVERY_WITHIN,
            "nothing is opened any more",
        )
        wait_until(
            lambda: self._is_processed(batch), RECOVERY_WITHIN, "engine or alerts do not come back"
        )
        wait_until(self._all_open, RECOVERY_WITHIN, "sockets do not come back")
        return time.monotonic() - begin

    def _find_faults(self) -> list[Finding]:
        """Return what is wrong once all is quiet."""
        for client in self.clients:
            client.paused.set()
        try:
            return self._quiet()
        finally:
            for client in self.clients:
                client.paused.clear()

    def _quiet(self) -> list[Finding]:
        wait_until(
            lambda: all(c.idle.is_set() for c in self.clients), RECOVERY_WITHIN, "a request hangs"
        )
        self.bridge.paused.set()
        try:
            wait_until(self.bridge.idle.is_set, RECOVERY_WITHIN, "the bridge hangs")
            batch = self._newest()
            wait_until(
                lambda: self._is_processed(batch), RECOVERY_WITHIN, "the last quotes are not walked"
            )
            time.sleep(1.5)  # deliveries of the engine's last events; then nothing moves
            found = list(find_all(self.book))
            newest = dict(Account.objects.filter(pk__in=LOGINS).values_list("pk", "seq"))
            with suppress(AssertionError):
                wait_until(lambda: not self.crowd.lagging_sockets(newest), 15, "")
            late = [f"socket {words}" for words in self.crowd.lagging_sockets(newest)]
            return found + [Finding("wrong", words) for words in late + self.crowd.new_gaps()]
        finally:
            self.bridge.paused.clear()

    def _newest(self) -> int:
        with suppress(RedisError):
            return tick_log.newest_batch_number()
        return 0

    def _is_processed(self, batch: int) -> bool:
        """Return whether engine and alerts have processed the tick log up to the batch."""
        try:
            engine = EngineCheckpoint.objects.filter(batch__gte=batch).exists()
            return engine and AlertCheckpoint.objects.filter(batch__gte=batch).exists()
        except DatabaseError:
            connection.close()
            return False

    def _all_open(self) -> bool:
        return self.crowd.open == len(self.crowd.sockets)


def create_rows() -> None:
    """Create symbols, and clients with money."""
    for name, price in PRICES.items():
        factories.symbol(
            name, digits=2 if price > 20 else 5, contract_size=100 if price > 999 else 100_000
        )
    group = factories.group("chaos", max_positions=200)
    for login in LOGINS:
        factories.client(login, group, "100000")
