"""Updates of the engine's book: changed trades and accounts, sent over Redis after the commit.

The services write them and the engine reads them; this module stands below both. An update that
is lost (Redis down, a process killed after its commit) is found when the engine reconciles its
book with the database.
"""

import logging
from dataclasses import dataclass
from typing import NamedTuple

import orjson
from django.db import transaction
from redis.exceptions import RedisError
from redis.typing import EncodableT, FieldT

from accounts.models import Account
from core import redis
from trading.enums import State
from trading.models import Trade

BOOK_STREAM = "book"  # Redis stream, fields `t`: a JSON list of rows, and `a`: one of an account
MAX_ENTRIES = 100_000  # entries; a book that misses older ones is loaded afresh
log = logging.getLogger(__name__)


class OrderUpdate(NamedTuple):
    """The fields of a trade that the book uses. Prices are floats, exact for comparisons."""

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
    volume: int = 0  # minimal lots; 0 in updates of an older release
    costs: float = 0.0  # commission + storage
    margin_rate: float = 1.0

    @classmethod
    def of_trade(cls, trade: Trade) -> "OrderUpdate":
        """Return the update with the trade's present values."""
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


class AccountUpdate(NamedTuple):
    """The fields of an account that the book uses.

    Only quotes with a later sequence number than `seen` count for its margin.
    """

    login: int
    balance: float
    credit: float
    seq: int
    leverage: int
    group: int
    called: bool
    seen: int = 0

    @classmethod
    def of_account(cls, account: Account, seen: int = 0) -> "AccountUpdate":
        """Return the update with the account's present values."""
        return cls(
            account.login,
            float(account.balance),
            float(account.credit),
            account.seq,
            account.leverage,
            account.group_id,
            account.margin_called,
            max(seen, account.margin_seen),
        )


@dataclass(frozen=True, slots=True)
class BookUpdate:
    """One entry of the stream: the changed orders and the account after the change."""

    orders: list[OrderUpdate]
    account: AccountUpdate | None


def send_account_update(account: Account) -> None:
    """Send the account to the engine once the transaction has committed."""
    update = BookUpdate([], AccountUpdate.of_account(account))
    transaction.on_commit(lambda: _publish(update), robust=True)


def decode_book_update(fields: dict[str, str]) -> BookUpdate:
    """Decode one entry of the stream."""
    account = fields.get("a")
    orders = [OrderUpdate(**row) for row in orjson.loads(fields.get("t", "[]"))]
    return BookUpdate(orders, AccountUpdate(*orjson.loads(account)) if account else None)


def encode_book_update(update: BookUpdate) -> dict[FieldT, EncodableT]:
    """Return the fields of the stream's entry."""
    fields: dict[FieldT, EncodableT] = {"t": orjson.dumps([row._asdict() for row in update.orders])}
    if update.account is not None:
        fields["a"] = orjson.dumps(tuple(update.account))
    return fields


def _publish(update: BookUpdate) -> None:
    fields = encode_book_update(update)
    try:
        redis.sync_client().xadd(BOOK_STREAM, fields, maxlen=MAX_ENTRIES, approximate=True)
    except RedisError as error:
        log.warning("the engine was not informed: %s", error)
