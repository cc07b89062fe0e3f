"""Loading from the database: the orders of a shard, their accounts, groups and first prices."""

from collections.abc import Iterable, Iterator

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Mod

from accounts.models import Account, Group
from core.clock import DAY_S, now
from market.quotes.quote import LatestQuotes
from trading.book_updates import AccountUpdate, OrderUpdate
from trading.engine.market_view import MarketView
from trading.enums import PENDING_CMDS, State
from trading.models import Trade

COLUMNS = (
    "order", "account_id", "symbol_id", "cmd", "revision", "open_price", "sl", "tp", "expiration",
    "seen", "sl_seen", "tp_seen", "waiting", "volume", "commission", "storage", "margin_rate",
)  # fmt: skip


def orders_of_shard(shard: int, shards: int) -> "QuerySet[Trade]":
    """Return the live orders whose login mod `shards` is the shard."""
    trades = Trade.objects.live()
    return trades if shards == 1 else trades.annotate(at=Mod("account", shards)).filter(at=shard)


def load_orders(rows: "QuerySet[Trade]") -> Iterator[OrderUpdate]:
    """Yield live orders as updates, oldest first; without a model instance for each."""
    for found in rows.order_by("order").values_list(*COLUMNS).iterator(chunk_size=5000):
        order, login, symbol, cmd, revision, price, sl, tp, expiration, *rest = found
        seen, sl_seen, tp_seen, waiting, volume, commission, storage, rate = rest
        yield OrderUpdate(
            order=order,
            login=login,
            symbol=symbol,
            cmd=cmd,
            live=True,
            revision=revision,
            price=float(price),
            sl=float(sl),
            tp=float(tp),
            expiration=expiration,
            seen=seen,
            sl_seen=sl_seen,
            tp_seen=tp_seen,
            waiting=waiting,
            volume=volume,
            costs=float(commission + storage),
            margin_rate=float(rate),
        )


def load_accounts_of_shard(shard: int, shards: int) -> Iterator[AccountUpdate]:
    """Yield the accounts of the shard that have a live order."""
    live = Trade.objects.live().filter(account=OuterRef("pk"))
    rows = Account.objects.filter(Exists(live))
    if shards > 1:
        rows = rows.annotate(at=Mod("pk", shards)).filter(at=shard)
    return _account_updates(rows)


def load_accounts(logins: Iterable[int]) -> Iterator[AccountUpdate]:
    """Yield these accounts, as far as they exist."""
    return _account_updates(Account.objects.filter(pk__in=list(logins)))


def load_groups() -> dict[int, Group]:
    """Return all groups by id."""
    return {group.pk: group for group in Group.objects.all()}


def load_prices(
    market_view: MarketView, symbols: Iterable[str]
) -> Iterator[tuple[str, float, float]]:
    """Yield symbol, bid and ask from before the quotes that are about to be processed."""
    names = list(symbols)
    market_view.set_newest(LatestQuotes().load(names))
    for name in names:
        quote = market_view.get(name)
        if quote is not None:
            yield name, float(quote.bid), float(quote.ask)


def _account_updates(rows: "QuerySet[Account]") -> Iterator[AccountUpdate]:
    """Yield the accounts with their last sequence number.

    Quotes up to it are older than the account's positions, its money or its margin call.
    """
    # No quote that is processed again is older than a row that was closed longer ago.
    recent = Q(state=State.OPEN) | Q(close_time__gte=now() - DAY_S)
    trades = Trade.objects.filter(recent, account=OuterRef("pk")).exclude(cmd__in=PENDING_CMDS)
    seen = trades.order_by().values("account").annotate(newest=Max("seen")).values("newest")
    columns = ("balance", "credit", "seq", "leverage", "group_id", "margin_called", "margin_seen")
    found = rows.annotate(seen=Subquery(seen)).values_list("pk", *columns, "seen")
    for login, balance, credit, seq, leverage, group, called, *quotes in found.iterator():
        newest = max(quote or 0 for quote in quotes)
        money = float(balance), float(credit)
        yield AccountUpdate(login, *money, seq, leverage, group, called, newest)
