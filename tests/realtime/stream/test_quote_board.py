"""The quote board: a waiting quote is replaced by a newer one."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from core.redis_keys import PublishedQuote
from realtime.stream.outbox import Outbox
from realtime.stream.quote_board import QuoteBoard
from realtime.stream.server_frames import Frame


def frames_sent(act: Callable[[QuoteBoard, Outbox], None]) -> list[str]:
    """Return what a socket gets, on a server without a transport of its own."""
    frames: list[str] = []

    async def send(message: dict[str, Any]) -> None:
        frames.append(message.get("text", "closed"))

    async def run() -> None:
        board, outbox = QuoteBoard(), Outbox(send)
        outbox.open()
        act(board, outbox)
        async with asyncio.timeout(5):
            while not frames:
                await asyncio.sleep(0)
        outbox.close(4400)
        async with asyncio.timeout(5):
            while "closed" not in frames:
                await asyncio.sleep(0)

    asyncio.run(run())
    return frames[:-1]


def offer(board: QuoteBoard, *times: int) -> None:
    for ctm in times:
        board.offer(PublishedQuote("EURUSD", 1.0 + ctm, 1.5 + ctm, ctm))


def test_of_many_waiting_quotes_only_the_newest_is_sent() -> None:
    def act(board: QuoteBoard, outbox: Outbox) -> None:
        board.add_reader(outbox, "EURUSD")
        offer(board, *range(1, 100))

    assert frames_sent(act) == ['["t","EURUSD",100.0,100.5,99]']


def test_a_socket_that_subscribes_during_the_sending_gets_the_quote_once() -> None:
    def act(board: QuoteBoard, outbox: Outbox) -> None:
        offer(board, 1)
        board.add_reader(outbox, "EURUSD")

    assert frames_sent(act) == ['["t","EURUSD",2.0,2.5,1]']


class Wider(NamedTuple):
    """A view that takes points from the bid, and counts what it is asked."""

    points: float

    def apply(self, bid: float, ask: float) -> tuple[float, float]:
        ASKED.append(self.points)
        return bid - self.points, ask


ASKED: list[float] = []


def test_a_quote_is_encoded_once_for_each_view_in_use() -> None:
    ASKED.clear()
    views = [Wider(0.25), Wider(0.5), Wider(0.25), None]
    outboxes = [Outbox(ignore) for _ in views]
    frames: list[Frame] = []

    async def run() -> None:
        board = QuoteBoard()
        for outbox, view in zip(outboxes, views, strict=True):
            board.add_reader(outbox, "EURUSD", view)
        offer(board, 1, 2)
        await asyncio.sleep(0)
        frames.extend(outbox._newest["EURUSD"] for outbox in outboxes)

    asyncio.run(run())
    assert [json.loads(frame.text)[2] for frame in frames] == [2.75, 2.5, 2.75, 3.0]
    assert frames[0] is frames[2]
    assert sorted(ASKED) == [0.25, 0.5]


def test_a_socket_that_sees_other_prices_gets_the_waiting_quote_by_the_new_view_alone() -> None:
    def act(board: QuoteBoard, outbox: Outbox) -> None:
        board.add_reader(outbox, "EURUSD")
        offer(board, 1)
        board.remove_reader(outbox, "EURUSD")
        board.add_reader(outbox, "EURUSD", Wider(0.25))

    assert frames_sent(act) == ['["t","EURUSD",1.75,2.5,1]']


async def ignore(message: dict[str, Any]) -> None:
    """Send nothing."""
