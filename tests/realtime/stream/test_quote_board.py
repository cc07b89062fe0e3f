"""The quote board: a waiting quote is replaced by a newer one."""

import asyncio
from collections.abc import Callable
from typing import Any

from core.redis_keys import PublishedQuote
from realtime.stream.outbox import Outbox
from realtime.stream.quote_board import QuoteBoard


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
