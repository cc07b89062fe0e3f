"""One fault after the other, each under load, each followed by all checks."""

import signal
import time
from collections import Counter
from contextlib import suppress

from django.db import DatabaseError, connection
from redis.exceptions import RedisError

from accounts.models import Account
from alerts.models import AlertPlace
from market import path
from tests import factories
from tests.chaos.crowd import Crowd
from tests.chaos.house import TOKEN, House, until
from tests.chaos.load import PRICES, Book, Bridge, Client
from tests.chaos.slow import besiege
from tests.chaos.truth import Finding, differences
from trading.models import EnginePlace

LOGINS = range(800_001, 800_021)
BEFORE, AFTER = 2.0, 3.0  # seconds of load around a fault
DOWN = {"kill": 1.0, "stop": 6.0}  # seconds until it is started or goes on
PATIENCE = 60.0  # seconds that a recovery may take
HEAD = (
    f"{'fault':<14}{'operations':>11}{'accepted':>10}{'repeated':>10}{'lost':>6}{'doubled':>9}"
    f"{'unclean':>9}{'wrong':>7}{'recovery s':>12}"
)


class Play:
    """A platform with data, under load."""

    def __init__(self, platform: House, sockets: int, rate: float) -> None:
        self.platform, self.book = platform, Book()
        furnish()
        platform.start()
        self.bridge = Bridge(platform.web, self.book, TOKEN)
        self.bridge.start()
        until(lambda: self.bridge.pushed > 0, PATIENCE, "the feed takes no quotes")
        self.clients = [Client(login, platform.web, self.book, login, rate) for login in LOGINS]
        for client in self.clients:  # one by one: a hash is costly on purpose
            client.sign_in()
            client.start()
        tokens = {client.login: client.caller.token for client in self.clients}
        self.crowd = Crowd(tokens, max(1, sockets // len(LOGINS)), platform.stream)
        self.crowd.start()
        until(lambda: self.crowd.open == len(self.crowd.sockets), PATIENCE, "sockets do not open")

    def round(self, name: str, way: str) -> tuple[str, list[str]]:
        """Cause the fault under load; return a table line and what is wrong afterwards."""
        begin = time.monotonic()
        time.sleep(BEFORE)
        unclean = len(self.book.unclean)
        words, failed = self._besiege() if name == "clients" else ("", [])
        if not words:
            self._break(name, way)
        recovery = self._recovery()
        time.sleep(AFTER)
        end = time.monotonic()
        found = self._settled()
        done = self.book.between(begin, end)
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

    def standing(self) -> str:
        """Return how far everything has come, to find out what is stuck."""
        engine = list(EnginePlace.objects.values_list("shard", "batch"))
        alerts = list(AlertPlace.objects.values_list("shard", "batch"))
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

    def _break(self, name: str, way: str) -> None:
        if name == "disk":
            self._fill()
            return
        victim = self.platform.named(name)
        if way == "kill":
            victim.kill()
            time.sleep(DOWN[way])
            victim.start()
        else:
            victim.signal(signal.SIGSTOP)
            time.sleep(DOWN[way])
            victim.signal(signal.SIGCONT)

    def _besiege(self) -> tuple[str, list[str]]:
        """Connect slow clients to the proxy; return what the probes report."""
        assert self.platform.proxy is not None
        return besiege(self.platform.proxy.port, self.clients[0].caller.token)

    def _fill(self) -> None:
        """Fill PostgreSQL's disk for a while; restart it if that ended it."""
        disk, server = self.platform.disk, self.platform.machines["postgres"]
        assert disk is not None
        disk.fill()
        time.sleep(DOWN["stop"])
        disk.free()
        if server.ended():
            server.start()

    def _recovery(self) -> float:
        """Return the seconds from the end of the fault until everything works again."""
        begin = time.monotonic()
        until(lambda: self.bridge.last > begin, PATIENCE, "the feed does not come back")
        batch = self._newest()
        until(
            lambda: any(o.ended > begin for o in self.book.operations[-200:] if o.kind == "open"),
            PATIENCE,
            "nothing is opened any more",
        )
        until(lambda: self._walked(batch), PATIENCE, "engine or alerts do not come back")
        until(self._all_open, PATIENCE, "sockets do not come back")
        return time.monotonic() - begin

    def _settled(self) -> list[Finding]:
        """Return what is wrong once all is quiet."""
        for client in self.clients:
            client.paused.set()
        try:
            return self._quiet()
        finally:
            for client in self.clients:
                client.paused.clear()

    def _quiet(self) -> list[Finding]:
        until(lambda: all(c.idle.is_set() for c in self.clients), PATIENCE, "a request hangs")
        self.bridge.paused.set()
        try:
            until(self.bridge.idle.is_set, PATIENCE, "the bridge hangs")
            batch = self._newest()
            until(lambda: self._walked(batch), PATIENCE, "the last quotes are not walked")
            time.sleep(1.5)  # deliveries of the engine's last events; then nothing moves
            found = list(differences(self.book))
            newest = dict(Account.objects.filter(pk__in=LOGINS).values_list("pk", "seq"))
            with suppress(AssertionError):
                until(lambda: not self.crowd.behind(newest), 15, "")
            late = [f"socket {words}" for words in self.crowd.behind(newest)]
            return found + [Finding("wrong", words) for words in late + self.crowd.gaps()]
        finally:
            self.bridge.paused.clear()

    def _newest(self) -> int:
        with suppress(RedisError):
            return path.newest()
        return 0

    def _walked(self, batch: int) -> bool:
        """Return whether engine and alerts have processed the tick log up to the batch."""
        try:
            engine = EnginePlace.objects.filter(batch__gte=batch).exists()
            return engine and AlertPlace.objects.filter(batch__gte=batch).exists()
        except DatabaseError:
            connection.close()
            return False

    def _all_open(self) -> bool:
        return self.crowd.open == len(self.crowd.sockets)


def furnish() -> None:
    """Create symbols, and clients with money."""
    for name, price in PRICES.items():
        factories.symbol(
            name, digits=2 if price > 20 else 5, contract_size=100 if price > 999 else 100_000
        )
    group = factories.group("chaos", max_positions=200)
    for login in LOGINS:
        factories.client(login, group, "100000")
