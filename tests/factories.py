"""Shortest ways to create a real account, symbol or quote."""

from decimal import Decimal
from typing import Any

import orjson
from django.contrib.auth import hashers
from django.db import connection

from accounts.models import Account, Group, User
from accounts.pending_sign_up import PendingSignUp
from core import redis
from core.clock import now, now_ms
from core.money import digits_of
from core.redis_keys import QUOTES, QUOTES_VERSION
from market.catalog import Catalog
from market.conversion import Converter
from market.group_quotes import QuotesWithTerms
from market.models import Symbol, SymbolGroup
from market.quotes.quote import BATCH_SIZE, LatestQuotes, Quote
from market.quotes.shared_quotes import queue_newest_quotes
from market.quotes.tick_log import (
    TICK_LOG,
    Batch,
    PreviousQuote,
    Tick,
    entry_id,
    newest_batch_number,
)
from realtime.events.types import EventCode
from realtime.models import AccountEvent
from trading.enums import Cmd, Reason, State
from trading.events import balance_event, trade_event
from trading.models import Trade
from trading.services import ledger
from trading.valuation.account import Valuation

PASSWORD = "correct horse"
D = Decimal
HASHES: dict[type, str] = {}  # by hasher
# An account without positions is valued without any symbol; to read them all costs a third of it.
NOTHING = Catalog({}, Converter([]))
NO_QUOTES = QuotesWithTerms(LatestQuotes(), NOTHING)


def group(name: str = "usd", currency: str = "USD", **fields: Any) -> Group:
    """Create a group with leverage 100."""
    found = Group.objects.filter(name=name).first()
    return found or Group.objects.create(name=name, currency=currency, **fields)


def password_hash() -> str:
    """Return PASSWORD as the settings' hasher stores it, hashed once: Argon2 takes 0.1 s."""
    hasher = type(hashers.get_hasher())
    if hasher not in HASHES:
        HASHES[hasher] = hashers.make_password(PASSWORD)
    return HASHES[hasher]


def client(login: int, of: Group, deposit: str = "10000", **fields: Any) -> Account:
    """Create a client with its account and a deposit through the ledger."""
    user = User(login=login, regdate=now(), password=password_hash(), **fields)
    user.save(force_insert=True)
    if D(deposit) and connection.in_atomic_block:
        return account_with_deposit(user, of, D(deposit))
    account = Account.objects.create(user=user, group=of, leverage=of.leverage)
    if D(deposit):
        ledger.post_operation(login=login, cmd=Cmd.BALANCE_IN, amount=D(deposit))
        account.refresh_from_db()
    return account


def account_with_deposit(user: User, of: Group, amount: Decimal) -> Account:
    """Create the rows that `ledger.post_operation` leaves, with five statements fewer.

    Nearly every test begins with it. `tests/test_factories.py` compares the two.
    """
    zero = D("0.0000")
    account = Account.objects.create(
        user=user,
        group=of,
        leverage=of.leverage,
        balance=amount + zero,
        credit=zero,
        prevbalance=zero,
        prevmonthbalance=zero,
        seq=2,
    )
    trade = Trade.objects.create(
        account=account,
        cmd=Cmd.BALANCE_IN,
        state=State.CLOSED,
        open_time=now(),
        close_time=now(),
        profit=amount,
        digits=digits_of(of.currency),
        reason=Reason.DEALER,
    )
    figures = Valuation(account, NOTHING.converter, NO_QUOTES).figures([])
    events = trade_event(trade, EventCode.ADD), balance_event(account, figures)
    AccountEvent.objects.bulk_create(
        AccountEvent(login=user.login, seq=seq, time=now(), event=event.as_wire())
        for seq, event in enumerate(events, 1)
    )
    for relation in ("group", "user"):  # each test reads them when it needs them
        getattr(type(account), relation).field.delete_cached_value(account)
    return account


def pending_sign_up(number: int, of: str, code: str, **fields: Any) -> PendingSignUp:
    """Create a sign-up to a group that waits for its code."""
    known: dict[str, Any] = {
        "email": "zoe@example.com",
        "profile": {"name": "Zoe"},
        "password": hashers.make_password(PASSWORD),
        "until": now() + 3600,
    }
    return PendingSignUp.objects.create(id=number, group=of, code=code, **{**known, **fields})


def symbol(name: str, digits: int = 5, **fields: Any) -> Symbol:
    """Create a symbol; the currencies are read from a pair's name."""
    found = SymbolGroup.objects.filter(name="Forex").first()
    heading = found or SymbolGroup.objects.create(name="Forex")
    known = {
        "currency": name[:3],
        "quote_currency": name[3:6],
        "margin_currency": name[:3],
        "group": heading,
        "digits": digits,
    }
    return Symbol.objects.create(name=name, **{**known, **fields})


def publish(*quotes: tuple[str, float, float], time: int = 0, received: int = 0) -> Batch:
    """Publish quotes as one batch, to the tick log and the newest quotes, as the feed does.

    `time` and `received` are unix ms, now where they are 0.
    """
    received = received or now_ms()
    number = max(newest_batch_number() + 1, now_ms())
    before: dict[str, PreviousQuote] = {}
    ticks = []
    values = redis.sync_client().hgetall(QUOTES)
    for index, (name, bid, ask) in enumerate(quotes):
        if name in values and name not in before:
            last = orjson.loads(values[name])
            before[name] = PreviousQuote(last[0], last[1], last[3])
        ticks.append(Tick(name, bid, ask, time or received, received, number * BATCH_SIZE + index))
    batch = Batch(number, ticks, before)
    pipe = redis.sync_client().pipeline(transaction=True)
    pipe.xadd(TICK_LOG, {"b": batch.encode()}, id=entry_id(number))
    queue_newest_quotes(pipe, {tick.symbol: tick[1:] for tick in ticks})
    pipe.execute()
    return batch


def quote(name: str, bid: float, ask: float, **times: int) -> Quote:
    """Publish one quote and return it as services read it."""
    return publish((name, bid, ask), **times).ticks[0].to_quote()


def remove_quotes(*names: str) -> None:
    """Remove the newest quotes of these symbols, or of all, from Redis."""
    pipe = redis.sync_client().pipeline(transaction=True)
    pipe.hdel(QUOTES, *names) if names else pipe.delete(QUOTES)
    pipe.delete(QUOTES_VERSION)
    pipe.execute()
