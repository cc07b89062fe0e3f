"""Held or old quotes cause no trigger, stop-out, alert or fill."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account
from alerts.evaluation.evaluate import evaluate_new_batches
from alerts.models import Alert, AlertLog
from alerts.services import create_alert
from core.clock import now_ms
from market.errors import OffQuotes
from market.feed import recovery
from market.models import LastQuote, Symbol
from market.quotes import quote as quotes
from market.quotes import tick_log
from market.quotes.quote import LatestQuotes
from trading import services
from trading.engine.engine import Engine
from trading.enums import Activation, Cmd, State
from trading.models import MarginAction, Trade

pytestmark = pytest.mark.django_db(transaction=True)
PAUSE = 120_000  # ms without quotes
D = Decimal


class Scenario:
    """A client with a position, a stop, a pending and an alert; a feed after a silence."""

    def __init__(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.engine = engine
        self.position = self.open(sl=D("1.0"))
        self.pending = services.open_pending(
            login=100001, cmd=Cmd.SELL_STOP, symbol="EURUSD", volume=10, open_price=D("0.99")
        )
        self.alert = create_alert(
            login=100001, symbol="EURUSD", side=0, condition=3, repeat_mode=0,
            target_price=D("1.0"),
        )  # fmt: skip
        engine.step()
        self.feed = recovery.prepare_start(resume=True)
        self.clock = now_ms() + PAUSE
        monkeypatch.setattr(quotes, "now_ms", lambda: self.clock)

    def open(self, **fields: Any) -> Trade:
        return services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=10, **fields)

    def send(self, *bids: float, late: int = 0) -> list[str | None]:
        """Publish the quotes, and let engine and alerts process them."""
        answers: list[str | None] = []
        for bid in bids:
            self.clock += 10
            ask = round(bid + 0.0001, 5)
            quote = ("EURUSD", bid, ask, self.clock - late, self.clock)
            answers.append(self.feed.intake.accept(*quote))
        flush = self.feed.publisher.prepare(self.feed.intake.take_collected(), [], now_ms())
        assert flush is not None
        self.feed.publisher.send(flush)
        if flush.batches:
            self.engine.step()
        evaluate_new_batches()
        return answers

    def is_unchanged(self) -> bool:
        """Return whether all is as before the silence and requests find no price."""
        self.position.refresh_from_db()
        self.pending.refresh_from_db()
        with pytest.raises(OffQuotes):
            self.open()
        newest = LatestQuotes().get("EURUSD")
        assert newest is not None
        assert newest.bid == D("1.1")
        return (
            self.position.state == State.OPEN
            and self.pending.is_pending
            and not MarginAction.objects.exists()
            and not AlertLog.objects.exists()
        )


@pytest.fixture
def scenario(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    return Scenario(engine, monkeypatch)


def test_a_bad_quote_after_a_silence_fills_triggers_and_fires_nothing(scenario: Scenario) -> None:
    assert scenario.send(0.05) == ["HELD"]
    assert scenario.is_unchanged()
    assert scenario.send(1.1, 1.1001, 1.1002) == [None] * 3
    assert scenario.open().open_price == D("1.1003")
    scenario.position.refresh_from_db()
    assert scenario.position.state == State.OPEN
    assert not AlertLog.objects.exists()


def test_a_real_gap_triggers_at_its_first_confirmed_quote(scenario: Scenario) -> None:
    assert scenario.send(0.95, 0.951, 0.952) == ["HELD"] * 3
    assert scenario.is_unchanged()
    assert scenario.send(0.953, 0.954) == [None] * 2
    scenario.position.refresh_from_db()
    scenario.pending.refresh_from_db()
    assert scenario.position.activation == Activation.STOP_LOSS
    assert scenario.position.close_price == D("0.953")
    assert scenario.pending.open_price == D("0.953")
    (log,) = AlertLog.objects.all()
    assert log.triggered_price == D("0.953")


def test_a_restarted_feed_holds_the_quotes_again(scenario: Scenario) -> None:
    assert scenario.send(0.95, 0.951, 0.952) == ["HELD"] * 3
    scenario.feed = recovery.prepare_start(resume=True)
    assert scenario.send(0.953, 0.954, 0.955) == ["HELD"] * 3
    assert scenario.is_unchanged()
    assert scenario.send(0.956) == [None]
    scenario.position.refresh_from_db()
    assert scenario.position.close_price == D("0.956")


def test_an_old_quote_fills_triggers_and_fires_nothing(scenario: Scenario) -> None:
    scenario.clock += 600_000
    assert scenario.send(1.06, 1.02, 0.98, late=400_000) == ["OLD"] * 3
    assert scenario.is_unchanged()
    scenario.feed = recovery.prepare_start(resume=True)
    assert LastQuote.objects.get().bid == D("1.1")
    assert [t.bid for batch in tick_log.read_batches_after(0) for t in batch.ticks] == [1.1]
    assert scenario.send(1.1) == [None]
    scenario.position.refresh_from_db()
    assert scenario.position.state == State.OPEN


def test_the_scenarios_alert_fires_at_a_confirmed_quote(scenario: Scenario) -> None:
    """Else the tests above would prove nothing of it."""
    scenario.send(1.06, 1.02, 0.995)
    assert AlertLog.objects.count() == 1
    assert Alert.objects.get().triggered_price == D("0.995")


@pytest.mark.parametrize("bid", [110.09999999999998, 110.1])
def test_a_quote_with_floating_point_noise_reaches_a_level_at_its_price(
    alice: Account, engine: Engine, bid: float
) -> None:
    symbol = Symbol.objects.create(
        name="XAGUSD", group_id="Forex", digits=2, currency="XAG", quote_currency="USD",
        margin_currency="USD", contract_size=1,
    )  # fmt: skip
    feed = recovery.prepare_start(resume=True)

    def send(bid: float, ask: float) -> None:
        now = now_ms()
        assert feed.intake.accept(symbol.name, bid, ask, now, now) is None
        flush = feed.publisher.prepare(feed.intake.take_collected(), [], now)
        assert flush is not None
        feed.publisher.send(flush)
        engine.step()
        evaluate_new_batches()

    send(109.0, 109.2)
    position = services.open_market(
        login=100001, cmd=Cmd.BUY, symbol="XAGUSD", volume=100, tp=D("110.1")
    )
    pending = services.open_pending(
        login=100001, cmd=Cmd.SELL_LIMIT, symbol="XAGUSD", volume=100, open_price=D("110.1")
    )
    create_alert(
        login=100001, symbol="XAGUSD", side=0, condition=0, repeat_mode=0, target_price=D("110.1")
    )
    engine.step()
    send(bid, 110.30000000000001)
    position.refresh_from_db()
    pending.refresh_from_db()
    assert (position.state, position.close_price) == (State.CLOSED, D("110.1"))
    assert (pending.state, pending.open_price) == (State.OPEN, D("110.1"))
    assert AlertLog.objects.count() == 1
    newest = LatestQuotes().get("XAGUSD")
    assert newest is not None
    assert (newest.bid, newest.ask) == (D("110.1"), D("110.3"))
