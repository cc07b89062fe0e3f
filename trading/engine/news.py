"""News for the engine's book: changed trades, sent over a Redis stream after their commit.

What is lost here (Redis down, a process killed after its commit) the engine finds when it
reconciles its book with the database.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from django.db import transaction
from redis.exceptions import RedisError

from core import redis
from trading.enums import FINANCE_CMDS, State
from trading.models import Trade

NEWS = "book"  # Redis stream, one field `t`: a JSON list of rows
KEPT = 100_000  # entries; older ones are of no use to a book that is loaded afresh
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Row:
    """What the book needs of a trade. Prices are floats, which compare as they were written."""

    order: int
    login: int
    symbol: str
    cmd: int
    live: bool
    revision: int
    price: float
    sl: float
    tp: float
    expiration: int
    seen: int
    sl_seen: int
    tp_seen: int
    waiting: bool = False

    @classmethod
    def of(cls, trade: Trade) -> "Row":
        return cls(
            order=trade.order,
            login=trade.account_id,
            symbol=trade.symbol_id or "",
            cmd=trade.cmd,
            live=trade.state == State.OPEN,
            revision=trade.revision,
            price=float(trade.open_price),
            sl=float(trade.sl),
            tp=float(trade.tp),
            expiration=trade.expiration,
            seen=trade.seen,
            sl_seen=trade.sl_seen,
            tp_seen=trade.tp_seen,
            waiting=trade.waiting,
        )


def send(trades: Iterable[Trade]) -> None:
    """Tell the engine about these rows once the transaction has committed."""
    rows = [Row.of(trade) for trade in trades if trade.cmd not in FINANCE_CMDS]
    if rows:
        transaction.on_commit(lambda: _publish(rows), robust=True)


def decoded(data: str) -> list[Row]:
    """The rows of one entry."""
    return [Row(**row) for row in orjson.loads(data)]


def _publish(rows: list[Row]) -> None:
    try:
        redis.client().xadd(NEWS, {"t": orjson.dumps(rows)}, maxlen=KEPT, approximate=True)
    except RedisError as error:
        log.warning("the engine was not told: %s", error)
