"""Snapshot + events = new snapshot, for every service that changes an account."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from accounts.models import Account, User
from alerts import evaluation
from alerts import services as alerts
from alerts.enums import Status
from alerts.models import Alert
from core.clock import now
from market.models import Symbol
from market.quotes import LatestQuotes
from tests import factories
from tests.conftest import Signed
from tests.factories import D
from tests.realtime.conftest import Connect
from tests.realtime.mirror import Mirror
from trading import ledger, services
from trading.enums import Activation, Cmd, State
from trading.models import Rollover, Trade
from trading.rollover import swaps

LOGIN = 100001
Step = Callable[[], Any]


@pytest.fixture
def mirror(signed_in: Signed, client: Connect, alice: Account, dan: User) -> Mirror:
    """Alice's, with 10,000 and one position, one pending order and one alert of hers."""
    factories.symbol("EURUSD", swap_enable=True, swap_long=D("-7.5"), comm_base=D(3))
    factories.symbol("GBPUSD")  # of which nobody has a position, so that no figure moves with it
    factories.publish(("EURUSD", 1.1, 1.1001), ("GBPUSD", 1.3, 1.3001))
    ledger.finance(login=LOGIN, cmd=Cmd.BALANCE_IN, amount=D(10_000))
    opened()
    placed()
    alert()
    evaluation.evaluate()
    alice.refresh_from_db()
    return Mirror(signed_in(alice), client(alice), alice)


def opened(volume: int = 100, **levels: Any) -> Trade:
    return services.open_market(login=LOGIN, cmd=Cmd.BUY, symbol="EURUSD", volume=volume, **levels)


def placed(**fields: Any) -> Trade:
    return services.open_pending(
        login=LOGIN, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=10, open_price=D("1.09"), **fields
    )


def alert() -> Alert:
    return alerts.create_alert(
        login=LOGIN, symbol="GBPUSD", side=0, condition=0, repeat_mode=0, target_price=D("1.4")
    )


def position() -> int:
    return Trade.objects.positions().filter(account=LOGIN).latest("order").order


def pending() -> int:
    return Trade.objects.filter(account=LOGIN, cmd=Cmd.BUY_LIMIT, state=State.OPEN).get().order


def seen(bid: float, **times: int) -> dict[str, Any]:
    """Return a new quote, as the engine passes it to a service."""
    quote = factories.quote("EURUSD", bid, round(bid + 0.0001, 5), **times)
    return {"login": LOGIN, "quote": quote, "quotes": LatestQuotes()}


def trigger() -> None:
    order = opened(sl=D("1.095")).order
    services.trigger(order=order, activation=Activation.STOP_LOSS, **seen(1.0949))


def expire() -> None:
    services.cancel(login=LOGIN, order=pending())
    moment = now() + 86_400
    order = placed(expiration=moment).order
    services.expire(order=order, **seen(1.1, time=moment * 1000))


def refuse() -> None:
    look = seen(1.0899)
    services.refuse_activation(order=pending(), code="RET_TRADE_NO_MONEY", **look)


def postpone() -> None:
    services.postpone(login=LOGIN, order=pending())


def night() -> None:
    """Charge a night's swap after a part of the position was closed."""
    Trade.objects.positions().update(open_time=1)
    row = Rollover.objects.create(night=date(2026, 3, 3), moment=now() - 3600)
    services.close(login=LOGIN, order=position(), volume=40)
    swaps.charge(login=LOGIN, night=row, quotes=LatestQuotes())


def correct() -> None:
    trade = services.close(login=LOGIN, order=position())
    services.correct(
        login=LOGIN, order=trade.order, amount=D("-1.23"), reason="a wrong price", staff=dealer()
    )


def dealer() -> User:
    return User.objects.get(pk=2)


def reverse() -> None:
    row = ledger.finance(login=LOGIN, cmd=Cmd.BALANCE_IN, amount=D(50))
    services.correct(login=LOGIN, order=row.order, amount=D(-20), reason="x", staff=dealer())
    services.reverse(login=LOGIN, order=row.order, reason="not ours", staff=dealer())


def dealer_acts() -> None:
    """Do everything a dealer can, for a client who can do nothing."""
    Account.objects.filter(pk=LOGIN).update(enable_read_only=True)
    asked: dict[str, Any] = {"login": LOGIN, "staff": dealer()}
    opened(staff=dealer(), sl=D("1.05"))
    services.modify_position(order=position(), tp=D("1.2"), **asked)
    services.close(order=position(), volume=30, **asked)
    services.close(order=position(), **asked)
    services.modify_pending(order=pending(), open_price=D("1.08"), **asked)
    services.cancel(order=pending(), **asked)
    placed(staff=dealer())
    services.activate(order=pending(), **seen(1.0899))


def change_terms() -> None:
    account = Account.objects.get(pk=LOGIN)
    services.change_terms(login=LOGIN, group=account.group, leverage=50)


def stop_out_below_zero() -> None:
    """Stop out below zero, with negative balance protection."""
    opened(700)
    services.watch_margin(**seen(1.05))
    assert Account.objects.get(pk=LOGIN).balance == 0


def fire() -> None:
    factories.quote("GBPUSD", 1.4001, 1.4002)
    evaluation.evaluate()
    assert Alert.objects.get().status != Status.ACTIVE


def edit_alert() -> None:
    row = Alert.objects.get()
    alerts.update_alert(login=LOGIN, alert_id=row.pk, target_price=D("1.5"), message="higher")


STEPS: dict[str, tuple[Step, str]] = {
    "deposit": (lambda: ledger.finance(login=LOGIN, cmd=Cmd.BALANCE_IN, amount=D(5)), "ob"),
    "credit": (lambda: ledger.finance(login=LOGIN, cmd=Cmd.CREDIT_IN, amount=D(5)), "ob"),
    "withdrawal": (lambda: ledger.finance(login=LOGIN, cmd=Cmd.BALANCE_OUT, amount=D(5)), "ob"),
    "open": (lambda: opened(sl=D("1.09"), tp=D("1.2")), "ob"),
    "modify": (
        lambda: services.modify_position(login=LOGIN, order=position(), sl=D("1.05")),
        "ob",
    ),
    "close": (lambda: services.close(login=LOGIN, order=position()), "ob"),
    "close a part": (lambda: services.close(login=LOGIN, order=position(), volume=30), "oob"),
    "place": (placed, "ob"),
    "modify a pending": (
        lambda: services.modify_pending(login=LOGIN, order=pending(), open_price=D("1.08")),
        "ob",
    ),
    "cancel": (lambda: services.cancel(login=LOGIN, order=pending()), "ob"),
    "activate": (lambda: services.activate(order=pending(), **seen(1.0899)), "ob"),
    "refuse an activation": (refuse, "o"),
    "postpone": (postpone, ""),
    "expire": (expire, "ob"),
    "stop loss": (trigger, "ob"),
    "a night": (night, "ob"),
    "correct": (correct, "ob"),
    "reverse": (reverse, "ob"),
    "what a dealer does": (dealer_acts, "ob"),
    "change terms": (change_terms, "nb"),
    "stop-out": (stop_out_below_zero, "obn"),
    "new alert": (alert, "a"),
    "changed alert": (edit_alert, "a"),
    "deleted alert": (
        lambda: alerts.delete_alert(login=LOGIN, alert_id=Alert.objects.get().pk),
        "a",
    ),
    "fired alert": (fire, "a"),
}


@pytest.mark.parametrize("name", STEPS)
def test_the_events_lead_from_the_old_snapshot_to_a_fresh_one(mirror: Mirror, name: str) -> None:
    step, letters = STEPS[name]
    step()
    assert set(letters) <= set(mirror.follow())
    assert (mirror.balance, mirror.trades, mirror.alerts) == mirror.fresh()


def test_every_service_is_among_the_steps(eurusd: Symbol) -> None:
    assert set(services.__all__) - {"check", "foresee", "left_of"} == {
        "activate", "cancel", "change_terms", "close", "correct", "expire", "modify_pending",
        "modify_position", "open_market", "open_pending", "postpone", "refuse_activation",
        "reverse", "trigger", "watch_margin",
    }  # fmt: skip
