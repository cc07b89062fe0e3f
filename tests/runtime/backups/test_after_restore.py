"""After a restore with an empty Redis, feed, engine and alerts continue from the database."""

from decimal import Decimal as D

import pytest

from accounts.models import Account
from alerts import services as alert_services
from alerts.evaluation import evaluate
from alerts.models import Alert, AlertCheckpoint, AlertLog
from core import redis
from core.clock import now_ms
from market.feed import recovery, storage
from market.feed.recovery import FeedStart
from market.quotes import tick_log
from market.quotes.quote import LatestQuotes
from tests import factories
from trading import services
from trading.engine.engine import Engine
from trading.enums import Cmd, State
from trading.ledger_audit import find_differences
from trading.models import EngineCheckpoint, Trade

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3_600_000  # ms


def quote(feed: FeedStart, bid: float, ahead: int) -> None:
    """Publish one quote as the feed does, on a machine whose clock is `ahead` ms ahead."""
    moment = now_ms() + ahead
    assert feed.intake.accept("EURUSD", bid, round(bid + 0.0001, 5), now_ms(), now_ms()) is None
    flush = feed.publisher.prepare(feed.intake.take_collected(), [], moment)
    assert flush is not None
    feed.publisher.send(flush)


def buy(sl: str) -> Trade:
    return services.open_market(
        login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=1, sl=D(sl), tp=D(0)
    )


def alert(price: str) -> Alert:
    fields = {"symbol": "EURUSD", "side": 0, "condition": 12, "repeat_mode": 0}
    return alert_services.create_alert(login=100001, target_price=D(price), **fields)


@pytest.fixture(params=[0, HOUR], ids=["clocks agree", "its clock was an hour ahead"])
def restored(request: pytest.FixtureRequest, alice: Account) -> tuple[Trade, Alert]:
    """A trade and an alert as the backup has them; Redis is empty, and nothing runs yet."""
    factories.symbol("EURUSD")
    feed = recovery.prepare_start(resume=True)
    quote(feed, 1.1, request.param)
    storage.save_candles_and_quotes([], feed.publisher.take_changed().values())
    for bid in (1.1001, 1.1002):  # these are not stored any more when the backup is made
        quote(feed, bid, request.param)
    evaluate.evaluate_new_batches()
    trade, watched = buy("1.09"), alert("1.095")
    evaluate.evaluate_new_batches()
    engine = Engine()
    engine.load()
    engine.step()
    engine.save_checkpoint()
    redis.sync_client().flushall()
    assert EngineCheckpoint.objects.get().batch > now_ms() + request.param - HOUR // 2
    assert AlertCheckpoint.objects.get().batch == EngineCheckpoint.objects.get().batch
    return trade, watched


def test_before_the_feed_starts_prices_are_those_of_the_backup(
    restored: tuple[Trade, Alert],
) -> None:
    known = LatestQuotes().get("EURUSD")
    assert known is not None
    assert known.bid == D("1.1")
    engine = Engine()
    engine.load()
    evaluate.evaluate_new_batches()
    assert Trade.objects.get(pk=restored[0].pk).state == State.OPEN
    assert not AlertLog.objects.exists()


def test_a_new_quote_triggers_trade_and_alert_once(restored: tuple[Trade, Alert]) -> None:
    trade, watched = restored
    engine = Engine()
    engine.load()  # before the feed, as it happens
    feed = recovery.prepare_start(resume=True)
    assert tick_log.newest_batch_number() == 0
    for bid in (1.0999, 1.094, 1.089, 1.1):
        quote(feed, bid, 0)
        engine.step()
        evaluate.evaluate_new_batches()
    trade.refresh_from_db()
    assert (trade.state, trade.close_price) == (State.CLOSED, D("1.089"))
    assert [log.triggered_price for log in AlertLog.objects.filter(alert=watched)] == [D("1.094")]
    engine.save_checkpoint()
    assert EngineCheckpoint.objects.get().batch == tick_log.newest_batch_number()
    successor = Engine()
    successor.load()
    successor.step()
    evaluate.evaluate_new_batches()
    assert AlertLog.objects.count() == 1
    assert not list(find_differences())


def test_levels_jumped_over_by_the_first_quote_trigger_at_it(
    restored: tuple[Trade, Alert],
) -> None:
    trade, watched = restored
    feed = recovery.prepare_start(resume=True)
    quote(feed, 1.08, 0)
    engine = Engine()
    engine.load()
    engine.step()
    evaluate.evaluate_new_batches()
    trade.refresh_from_db()
    assert (trade.state, trade.close_price) == (State.CLOSED, D("1.08"))
    assert [log.triggered_price for log in AlertLog.objects.filter(alert=watched)] == [D("1.08")]


def test_orders_and_alerts_made_after_the_restore_trigger(restored: tuple[Trade, Alert]) -> None:
    engine = Engine()
    engine.load()
    feed = recovery.prepare_start(resume=True)
    quote(feed, 1.1, 0)
    engine.step()
    later, watched = buy("1.098"), alert("1.099")
    quote(feed, 1.097, 0)
    engine.step()
    evaluate.evaluate_new_batches()
    later.refresh_from_db()
    assert later.state == State.CLOSED
    assert AlertLog.objects.filter(alert=watched).count() == 1
