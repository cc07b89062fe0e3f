"""A server that fails while the books take in changes or hits: nothing is lost by it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError

from accounts.models import Account
from core import redis
from market import catalog
from market.models import Symbol
from tests import factories
from tests.factories import D
from tests.market.sessions.short_schedules import daily_schedule, unix_time
from trading import services
from trading.book_updates import BOOK_STREAM
from trading.engine import order_loading
from trading.engine.engine import Engine
from trading.enums import Cmd
from trading.models import Trade

pytestmark = pytest.mark.django_db(transaction=True)
DEAF = 300_001  # its book updates are lost


def at(text: str) -> int:
    """Return the unix milliseconds of a time in January 2027."""
    return int(unix_time(f"2027-01-{text}") * 1000)


def buy(login: int, symbol: str = "EURUSD", **fields: Any) -> Trade:
    known = {"cmd": Cmd.BUY, "symbol": symbol, "volume": 100}
    return services.open_market(login=login, **{**known, **fields})


def lose_updates() -> None:
    redis.sync_client().delete(BOOK_STREAM)


def failing_once(real: Callable[[], Any]) -> Callable[[], Any]:
    """Return the function, whose first call finds PostgreSQL unavailable."""
    answers: Iterator[Exception] = iter([OperationalError("PostgreSQL was restarted")])

    def call() -> Any:
        for error in answers:
            raise error
        return real()

    return call


def reconcile_until_available(engine: Engine) -> None:
    """Reconcile with PostgreSQL unavailable, and once more when it is back."""
    with pytest.raises(OperationalError):
        engine.reconcile()
    engine.retry_failed()
    engine.reconcile()


def test_hits_that_were_taken_when_a_server_failed_are_executed(
    engine: Engine, alice: Account, eurusd: Symbol, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.client(DEAF, factories.group("other"))
    deferred, other = buy(alice.login, sl=D("1.095")), buy(DEAF, sl=D("1.09"))
    engine.step()
    always, eurusd.schedule = eurusd.schedule, daily_schedule("day", "08:00-20:00")
    eurusd.save()
    factories.publish(("EURUSD", 1.0949, 1.095), time=at("13 21:00"))
    engine.step()
    eurusd.schedule = always
    eurusd.save()
    factories.publish(("EURUSD", 1.1, 1.1001), time=at("14 09:00"))
    engine.step()
    for trade in (deferred, other):
        services.modify_position(login=trade.account_id, order=trade.order, sl=D("1.097"))
    lose_updates()
    for minute, bid in ((1, 1.096), (2, 1.1)):
        factories.publish(("EURUSD", bid, round(bid + 0.0001, 5)), time=at(f"14 09:0{minute}"))
    engine.step()
    assert Trade.objects.positions().count() == 2
    # What asks first is whether the market of the deferred stop is open.
    monkeypatch.setattr(catalog, "current_catalog", failing_once(catalog.current_catalog))
    reconcile_until_available(engine)
    closed = Trade.objects.filter(pk__in=[deferred.order, other.order])
    assert {row.close_price for row in closed} == {D("1.096")}


def test_an_order_in_a_new_symbol_is_taken_in_whole_or_not_at_all(
    engine: Engine, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.3, 1.3001)
    stopped, held = buy(alice.login, "GBPUSD", sl=D("1.29")), buy(alice.login, "GBPUSD")
    lose_updates()
    for bid in (1.28, 1.3):
        factories.quote("GBPUSD", bid, round(bid + 0.0001, 5))
    engine.step()
    failing = failing_once(order_loading.load_groups)
    monkeypatch.setattr(order_loading, "load_groups", failing)
    reconcile_until_available(engine)
    stopped.refresh_from_db()
    assert stopped.close_price == D("1.28")
    assert held_orders(engine, alice) == [held.order]


def test_an_account_whose_first_order_comes_while_the_books_are_loaded_is_in_both(
    alice: Account, eurusd: Symbol, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, real = Engine(), order_loading.load_orders
    bought: list[Trade] = []

    def load_orders(rows: Any) -> Any:
        bought.append(buy(alice.login))
        return real(rows)

    monkeypatch.setattr(order_loading, "load_orders", load_orders)
    engine.load()
    engine.step()
    engine.reconcile()
    assert held_orders(engine, alice) == [bought[0].order]


def held_orders(engine: Engine, account: Account) -> list[int]:
    """Return the account's positions in the risk book."""
    accounts = engine.margin.book.accounts
    return [*accounts.orders[accounts.index_of(account.login)]]
