"""News for the engine's book: changed trades and accounts, over a Redis stream after commit.

What is lost here (Redis down, a process killed after its commit) the engine finds when it
reconciles its book with the database.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from redis.exceptions import RedisError

from accounts.models import Account
from core import redis
from trading.engine.risk.accounts import AccountRow
from trading.enums import FINANCE_CMDS, PENDING_CMDS, State
from trading.models import Trade

NEWS = "book"  # Redis stream, fields `t`: a JSON list of rows, and `a`: one of an account
TERMS = {"group", "leverage"}  # an account's own, which no trading service changes
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
    volume: int = 0  # minimal lots; 0 in news of an older release
    costs: float = 0.0  # commission + storage
    margin_rate: float = 1.0

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
            volume=trade.volume,
            costs=float(trade.commission + trade.storage),
            margin_rate=float(trade.margin_rate),
        )


@dataclass(frozen=True, slots=True)
class News:
    """One entry: changed trades, and the account as it stood after the change."""

    rows: list[Row]
    account: AccountRow | None


def send(trades: Iterable[Trade], account: Account | None = None) -> None:
    """Tell the engine about these rows and their account once the transaction has committed.

    A finance row tells by its `seen` which quotes are older than the money; what a pending has seen
    says nothing of the account, which its client could else keep from being judged.
    """
    trades = list(trades)
    rows = [Row.of(trade) for trade in trades if trade.cmd not in FINANCE_CMDS]
    seen = max((trade.seen for trade in trades if trade.cmd not in PENDING_CMDS), default=0)
    told = AccountRow.of(account, seen) if account is not None else None
    if rows or told:
        transaction.on_commit(lambda: _publish(News(rows, told)), robust=True)


@receiver(post_save, sender=Account)
def tell_of_terms(
    instance: Account, update_fields: frozenset[str] | None = None, **_: object
) -> None:
    """Leverage and group are changed outside of trading; the figures are told by `announce`."""
    if update_fields is None or TERMS & update_fields:
        send([], instance)


def decoded(fields: dict[str, str]) -> News:
    """One entry of the stream."""
    account = fields.get("a")
    rows = [Row(**row) for row in orjson.loads(fields.get("t", "[]"))]
    return News(rows, AccountRow(*orjson.loads(account)) if account else None)


def _publish(told: News) -> None:
    fields: dict[Any, Any] = {"t": orjson.dumps(told.rows)}
    if told.account is not None:
        fields["a"] = orjson.dumps(tuple(told.account))
    try:
        redis.client().xadd(NEWS, fields, maxlen=KEPT, approximate=True)
    except RedisError as error:
        log.warning("the engine was not told: %s", error)
