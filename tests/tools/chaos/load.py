"""Clients whose requests have keys and are repeated until they are answered."""

import http.client
import json
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from redis.exceptions import RedisError

from market.quotes import tick_log
from market.quotes.quote import BATCH_SIZE

TIMEOUT = 5.0  # seconds a client waits for one answer
PAUSE = 0.2  # seconds before it asks again
PUSH_PAUSE, QUOTES_A_PUSH = 0.08, 3  # seconds between pushes, quotes of each symbol in one
AGAIN = (502, 503, 504, 429)
BUSY = "RET_TRADE_CONTEXT_BUSY"  # the first try with this key still runs
Answer = tuple[int, Any]


@dataclass
class Operation:
    """One request of a client, however often it was sent."""

    kind: str
    login: int
    key: str
    begun: float
    ended: float = 0.0
    status: int = 0
    body: Any = None
    tries: int = 0
    bound: int = 0  # of an alert: no quote with a higher number was known when it was made

    @property
    def accepted(self) -> bool:
        return self.status == http.HTTPStatus.OK


@dataclass
class RequestLog:
    """All requests of all clients, and every answer outside the contract."""

    operations: list[Operation] = field(default_factory=list)
    unclean: list[str] = field(default_factory=list)

    def overlapping(self, begin: float, end: float) -> list[Operation]:
        """Return the operations that were running at any time of the span."""
        return [o for o in self.operations if o.begun < end and (not o.ended or o.ended > begin)]


class PersistentClient:
    """HTTP to the web processes over one kept connection."""

    def __init__(self, port: int, book: RequestLog, token: str = "") -> None:
        self.port, self.book, self.token = port, book, token
        self.connection: http.client.HTTPConnection | None = None

    def send_once(self, method: str, path: str, body: Any, key: str) -> Answer | None:
        """Send once; return None without an answer."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if self.token:
            headers["Authorization"] = self.token
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, TIMEOUT)
                self.connection.timeout = TIMEOUT
            self.connection.request(method, path, json.dumps(body), headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return None
        try:
            return answer.status, json.loads(text)
        except ValueError:
            self.book.unclean.append(f"{method} {path}: {answer.status} {text[:80]!r}")
            return answer.status, None

    def send_until_answered(
        self, operation: Operation, method: str, path: str, body: Any, stop: threading.Event
    ) -> None:
        """Repeat with the same key until there is a final answer."""
        self.book.operations.append(operation)
        while not operation.ended and not stop.is_set():
            operation.tries += 1
            answer = self.send_once(method, path, body, operation.key)
            if answer is not None and self._is_final(answer, method, path):
                operation.status, operation.body = answer
                operation.ended = time.monotonic()
            else:
                stop.wait(PAUSE)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _is_final(self, answer: Answer, method: str, path: str) -> bool:
        status, body = answer
        if status in AGAIN or (isinstance(body, dict) and body.get("error") == BUSY):
            return False
        clean = isinstance(body, dict) and (status == http.HTTPStatus.OK or "error" in body)
        if status == http.HTTPStatus.INTERNAL_SERVER_ERROR or not clean:
            self.book.unclean.append(f"{method} {path}: {status} {str(body)[:120]}")
            return False
        return True


class LoadThread(threading.Thread):
    """Calls `turn` until `halt`; while `paused` it becomes `idle`."""

    def __init__(self, name: str, caller: PersistentClient, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.caller, self.dice = caller, Random(seed)
        self.halt, self.paused = threading.Event(), threading.Event()
        self.idle = threading.Event()

    def turn(self) -> None:
        """Send one request, then pause."""
        raise NotImplementedError

    def run(self) -> None:
        while not self.halt.is_set():
            if self.paused.is_set():
                self.idle.set()
                self.halt.wait(0.05)
            else:
                self.idle.clear()
                self.turn()
        self.caller.close()


class RandomTrader(LoadThread):
    """Signs in, opens, closes and sets alerts at random, about `rate` requests a second."""

    def __init__(self, login: int, port: int, book: RequestLog, seed: int, rate: float) -> None:
        super().__init__(f"client-{login}", PersistentClient(port, book), seed)
        self.login, self.rate = login, rate
        self.orders: list[int] = []

    def turn(self) -> None:
        self._something()
        self.halt.wait(self.dice.expovariate(self.rate))

    def ask(self, kind: str, method: str, path: str, **body: Any) -> Operation:
        key = uuid.uuid4().hex
        if kind == "open":
            body["comment"] = key
        if kind == "alert":
            body["indicator_name"] = key
        operation = Operation(kind, self.login, key, time.monotonic())
        self.caller.send_until_answered(operation, method, path, body, self.halt)
        return operation

    def sign_in(self) -> None:
        """Start a new session; without an answer keep the old one."""
        done = self.ask(
            "sign-in",
            "POST",
            "/sign/in",
            login=self.login,
            password="correct horse",
        )
        if done.accepted:
            self.caller.token = done.body["__token"]

    def _something(self) -> None:
        chance = self.dice.random()
        symbol = self.dice.choice(("EURUSD", "GBPUSD", "USDJPY", "XAUUSD"))
        if chance < 0.02:
            self.sign_in()
        elif chance < 0.2:
            self._alert(symbol)
        elif chance < 0.55 and self.orders:
            order = self.orders.pop(self.dice.randrange(len(self.orders)))
            self.ask("close", "DELETE", "/trade/close", order=order)
        elif len(self.orders) < 20:
            self._open(symbol)

    def _open(self, symbol: str) -> None:
        price = self._price(symbol)
        cmd, far = self.dice.randint(0, 1), price * self.dice.uniform(0.0004, 0.002)
        below, above = (
            round(price - far, 2 if price > 20 else 5),
            round(price + far, 2 if price > 20 else 5),
        )
        levels = {"sl": below, "tp": above} if cmd == 0 else {"sl": above, "tp": below}
        volume = self.dice.randint(1, 5)
        done = self.ask(
            "open", "POST", "/trade/open", cmd=cmd, symbol=symbol, volume=volume, **levels
        )
        if done.accepted and self.dice.random() < 0.7:
            self.orders.append(done.body["order"])

    def _alert(self, symbol: str) -> None:
        price = self._price(symbol)
        target = round(price * self.dice.uniform(0.999, 1.001), 2 if price > 20 else 5)
        done = self.ask(
            "alert", "POST", "/price_alert", symbol=symbol, side=0, condition=12,
            repeat_mode=self.dice.randint(0, 1), target_price=target, cooldown=1,
        )  # fmt: skip
        with suppress(RedisError):
            done.bound = (tick_log.newest_batch_number() + 1) * BATCH_SIZE

    def _price(self, symbol: str) -> float:
        return PRICES[symbol]


PRICES: dict[str, float] = {"EURUSD": 1.17, "GBPUSD": 1.34, "USDJPY": 155.0, "XAUUSD": 4100.0}


class QuotePusher(LoadThread):
    """Pushes quotes of a random walk, each request until the feed has accepted it."""

    def __init__(self, port: int, book: RequestLog, token: str, seed: int = 5) -> None:
        super().__init__("bridge", PersistentClient(port, book, token), seed)
        self.pushed = 0
        self.last = 0.0  # monotonic time of the newest acknowledged push
        self._falls: list[float] = []  # the shares of the price that are still to be lost

    def fall(self, share: float, seconds: float) -> None:
        """Let all prices fall by this share, a little in each quote."""
        steps = max(1, round(seconds / PUSH_PAUSE) * QUOTES_A_PUSH)
        self._falls = [1 - (1 - share) ** (1 / steps)] * steps

    @property
    def falls(self) -> bool:
        """Return whether the prices still fall."""
        return bool(self._falls)

    def turn(self) -> None:
        quotes = [quote for _ in range(QUOTES_A_PUSH) for quote in self._quotes()]
        operation = Operation("push", 0, uuid.uuid4().hex, time.monotonic())
        self.caller.send_until_answered(
            operation, "POST", "/feed/quotes", {"quotes": quotes}, self.halt
        )
        if operation.accepted:
            self.pushed += operation.body["accepted"]
            self.last = operation.ended
        self.halt.wait(PUSH_PAUSE)

    def _quotes(self) -> list[list[Any]]:
        moment = time.time_ns() // 1_000_000
        found: list[list[Any]] = []
        fall = self._falls.pop() if self._falls else 0.0
        for symbol, price in PRICES.items():
            digits = 2 if price > 20 else 5
            moved = price * (1 - fall + self.dice.gauss(0, 0.00015))
            PRICES[symbol] = moved
            bid = round(moved, digits)
            found.append([symbol, bid, round(bid + 2 * 10**-digits, digits), moment])
        return found
