"""The quote board: a waiting quote is replaced by a newer one."""

import asyncio
from collections.abc import Callable
from typing import Any

from core.redis_keys import PublishedQuote
from realtime.board import Board
from realtime.outbox import Outbox


def sent(act: Callable[[Board, Outbox], None]) -> list[str]:
    """Return what a socket gets, on a server without a transport of its own."""
    frames: list[str] = []

    async def send(message: dict[str, Any]) -> None:
        frames.append(message.get("text", "closed"))

    async def run() -> None:
        board, outbox = Board(), Outbox(send)
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


def offer(board: Board, *times: int) -> None:
    for ctm in times:
        board.offer(PublishedQuote("EURUSD", 1.0 + ctm, 1.5 + ctm, ctm))


def test_of_many_quotes_that_wait_only_the_newest_is_handed_on() -> None:
    def act(board: Board, outbox: Outbox) -> None:
        board.add(outbox, "EURUSD")
        offer(board, *range(1, 100))

    assert sent(act) == ['["t","EURUSD",100.0,100.5,99]']


def test_a_socket_that_subscribes_meanwhile_gets_the_quote_once() -> None:
    def act(board: Board, outbox: Outbox) -> None:
        offer(board, 1)
        board.add(outbox, "EURUSD")

    assert sent(act) == ['["t","EURUSD",2.0,2.5,1]']
