"""A stop-out closes at the newest quote of each symbol, which may be an older one."""

from decimal import Decimal as D

import pytest

from accounts.models import Account
from core import redis
from core.clock import now_ms
from market.models import Symbol
from market.quotes import tick_log
from tests import factories
from trading import services
from trading.engine.engine import Engine
from trading.engine.market_view import MarketView
from trading.enums import Activation, Cmd
from trading.evidence import quotes_around as around
from trading.models import Fill, Trade

pytestmark = pytest.mark.django_db(transaction=True)


def buy(symbol: str, volume: int) -> Trade:
    return services.open_market(login=100001, cmd=Cmd.BUY, symbol=symbol, volume=volume)


@pytest.fixture
def pounds(alice: Account, eurusd: Symbol) -> Trade:
    """A position in GBPUSD with one in EURUSD, which falls so deep that both must close."""
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.25, 1.2501)
    trade = buy("GBPUSD", 700)
    buy("EURUSD", 10)
    return trade


def stop_out_by_new_engine() -> int:
    """Load an engine that misses GBPUSD's quote; let EURUSD fall and return that seq_no."""
    factories.quote("EURUSD", 1.1, 1.1001)
    engine = Engine()
    engine.load()
    fall = factories.quote("EURUSD", 0.5, 0.5001)
    engine.step()
    return fall.seq_no


def test_a_close_at_an_older_quote_stores_the_seq_no_of_the_stop_out(pounds: Trade) -> None:
    number = stop_out_by_new_engine()
    pounds.refresh_from_db()
    assert (pounds.activation, pounds.close_price) == (Activation.STOP_OUT, D("1.25"))
    assert pounds.seen == number


def test_a_quote_without_a_known_seq_no_does_not_block_the_evidence(
    pounds: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = tick_log.newest_batch_number()
    factories.quote("GBPUSD", 1.24, 1.2401)
    engine = Engine()
    engine.load()
    engine.market_view = MarketView()
    engine.market_view.seed([factories.publish(("GBPUSD", 1.27, 1.2701))])
    factories.quote("EURUSD", 0.5, 0.5001)
    engine.process_batch(list(tick_log.read_batches_after(start))[-1])
    fill = Fill.objects.get(trade=pounds, kind=Fill.Kind.CLOSE)
    assert (fill.quote[0], fill.quote[4]) == (1.24, 0)
    factories.quote("GBPUSD", 1.28, 1.2801)
    assert [row[0] for row in around.quotes_around(fill)] == [1.25, 1.24, 1.27, 1.28]
    assert around.add_missing_quotes() < Fill.objects.count()  # the quotes after it may still come
    monkeypatch.setattr(around, "now_ms", lambda: now_ms() + around.SEARCH_AHEAD_MS + 5000)
    around.add_missing_quotes()
    assert not Fill.objects.without_quotes().exists()
    fill.refresh_from_db()
    assert [row[0] for row in fill.around] == [1.25, 1.24, 1.27, 1.28]


def test_before_the_first_batch_the_whole_tick_log_is_read() -> None:
    redis.sync_client().delete(tick_log.TICK_LOG)
    batch = factories.publish(("EURUSD", 1.1, 1.1001))
    assert [found.number for found in tick_log.read_batches_after(-5)] == [batch.number]
