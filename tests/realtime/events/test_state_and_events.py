"""Snapshot + events = new snapshot, for every service that changes an account."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from accounts.models import Account, User
from alerts import services as alerts
from alerts.enums import AlertStatus
from alerts.evaluation import evaluate
from alerts.models import Alert
from core.clock import now
from market.models import Symbol
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.conftest import Signed
from tests.factories import D
from tests.realtime.conftest import Connect
from tests.realtime.events.event_mirror import Mirror
from trading import services
from trading.enums import Activation, Cmd, State
from trading.models import Rollover, Trade
from trading.rollover import swaps
from trading.services import ledger

LOGIN = 100001
Step = Callable[[], Any]


@pytest.fixture
def mirror(signed_in: Signed, client: Connect, alice: Account, dan: User) -> Mirror:
    """Alice's, with 10,000 and one position, one pending order and one alert of hers."""
    factories.symbol("EURUSD", swap_enable=True, swap_long=D("-7.5"), comm_base=D(3))
    factories.symbol("GBPUSD")  # of which nobody has a position, so that no figure moves with it
    factories.publish(("EURUSD", 1.1, 1.1001), ("GBPUSD", 1.3, 1.3001))
    ledger.post_operation(login=LOGIN, cmd=Cmd.BALANCE_IN, amount=D(10_000))
    opened()
    placed()
    alert()
    evaluate.evaluate_new_batches()
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


def quote_for_service(bid: float, **times: int) -> dict[str, Any]:
    """Return a new quote, as the engine passes it to a service."""
    quote = factories.quote("EURUSD", bid, round(bid + 0.0001, 5), **times)
    return {"login": LOGIN, "quote": quote, "quotes": LatestQuotes()}


def trigger() -> None:
    order = opened(sl=D("1.095")).order
    services.close_by_trigger(
        order=order, activation=Activation.STOP_LOSS, **quote_for_service(1.0949)
    )


def expire() -> None:
    services.cancel_pending(login=LOGIN, order=pending())
    moment = now() + 86_400
    order = placed(expiration=moment).order
    services.expire_pending(order=order, **quote_for_service(1.1, time=moment * 1000))


def refuse() -> None:
    look = quote_for_service(1.0899)
    services.refuse_activation(order=pending(), code="RET_TRADE_NO_MONEY", **look)


def postpone() -> None:
    services.defer_activation(login=LOGIN, order=pending())


def charge_night() -> None:
    """Charge a night's swap after a part of the position was closed."""
    Trade.objects.positions().update(open_time=1)
    row = Rollover.objects.create(night=date(2026, 3, 3), moment=now() - 3600)
    services.close_position(login=LOGIN, order=position(), volume=40)
    swaps.charge_account(login=LOGIN, night=row, quotes=LatestQuotes())


def correct() -> None:
    trade = services.close_position(login=LOGIN, order=position())
    services.correct_entry(
        login=LOGIN, order=trade.order, amount=D("-1.23"), reason="a wrong price", staff=dealer()
    )


def dealer() -> User:
    return User.objects.get(pk=2)


def reverse() -> None:
    row = ledger.post_operation(login=LOGIN, cmd=Cmd.BALANCE_IN, amount=D(50))
    services.correct_entry(login=LOGIN, order=row.order, amount=D(-20), reason="x", staff=dealer())
    services.reverse_operation(login=LOGIN, order=row.order, reason="not ours", staff=dealer())


def act_as_dealer() -> None:
    """Do everything a dealer can, for a client who can do nothing."""
    Account.objects.filter(pk=LOGIN).update(enable_read_only=True)
    asked: dict[str, Any] = {"login": LOGIN, "staff": dealer()}
    opened(staff=dealer(), sl=D("1.05"))
    services.modify_position(order=position(), tp=D("1.2"), **asked)
    services.close_position(order=position(), volume=30, **asked)
    services.close_position(order=position(), **asked)
    services.modify_pending(order=pending(), open_price=D("1.08"), **asked)
    services.cancel_pending(order=pending(), **asked)
    placed(staff=dealer())
    services.activate_pending(order=pending(), **quote_for_service(1.0899))


def change_terms() -> None:
    account = Account.objects.get(pk=LOGIN)
    services.change_account_terms(login=LOGIN, group=account.group, leverage=50)


def stop_out_below_zero() -> None:
    """Stop out below zero, with negative balance protection."""
    opened(700)
    services.enforce_margin_levels(**quote_for_service(1.05))
    assert Account.objects.get(pk=LOGIN).balance == 0


def fire() -> None:
    factories.quote("GBPUSD", 1.4001, 1.4002)
    evaluate.evaluate_new_batches()
    assert Alert.objects.get().status != AlertStatus.ACTIVE


def edit_alert() -> None:
    row = Alert.objects.get()
    alerts.update_alert(login=LOGIN, alert_id=row.pk, target_price=D("1.5"), message="higher")


STEPS: dict[str, tuple[Step, str]] = {
    "deposit": (lambda: ledger.post_operation(login=LOGIN, cmd=Cmd.BALANCE_IN, amount=D(5)), "ob"),
    "credit": (lambda: ledger.post_operation(login=LOGIN, cmd=Cmd.CREDIT_IN, amount=D(5)), "ob"),
    "withdrawal": (
        lambda: ledger.post_operation(login=LOGIN, cmd=Cmd.BALANCE_OUT, amount=D(5)),
        "ob",
    ),
    "open": (lambda: opened(sl=D("1.09"), tp=D("1.2")), "ob"),
    "modify": (
        lambda: services.modify_position(login=LOGIN, order=position(), sl=D("1.05")),
        "ob",
    ),
    "close_position": (lambda: services.close_position(login=LOGIN, order=position()), "ob"),
    "close a part": (
        lambda: services.close_position(login=LOGIN, order=position(), volume=30),
        "oob",
    ),
    "place": (placed, "ob"),
    "modify a pending": (
        lambda: services.modify_pending(login=LOGIN, order=pending(), open_price=D("1.08")),
        "ob",
    ),
    "cancel_pending": (lambda: services.cancel_pending(login=LOGIN, order=pending()), "ob"),
    "close_positions": (lambda: services.close_positions(login=LOGIN), "ob"),
    "cancel_pendings": (lambda: services.cancel_pendings(login=LOGIN), "ob"),
    "activate_pending": (
        lambda: services.activate_pending(order=pending(), **quote_for_service(1.0899)),
        "ob",
    ),
    "refuse an activation": (refuse, "o"),
    "defer_activation": (postpone, ""),
    "expire_pending": (expire, "ob"),
    "stop loss": (trigger, "ob"),
    "a night": (charge_night, "ob"),
    "correct_entry": (correct, "ob"),
    "reverse_operation": (reverse, "ob"),
    "what a dealer does": (act_as_dealer, "ob"),
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
def test_old_snapshot_plus_events_equals_a_new_snapshot(mirror: Mirror, name: str) -> None:
    step, letters = STEPS[name]
    step()
    assert set(letters) <= set(mirror.follow())
    assert (mirror.balance, mirror.trades, mirror.alerts) == mirror.read_snapshot()


def test_the_steps_cover_every_service(eurusd: Symbol) -> None:
    without_events = {"check_order", "estimate_order", "remaining_amount"}
    of_portions = {"close_symbol", "cancel_symbol"}  # decide as close_positions does
    assert set(services.__all__) - without_events - of_portions == {
        "activate_pending", "cancel_pending", "change_account_terms", "close_position",
        "close_positions", "cancel_pendings", "correct_entry",
        "expire_pending", "modify_pending", "modify_position", "open_market", "open_pending",
        "defer_activation", "refuse_activation",
        "reverse_operation", "close_by_trigger", "enforce_margin_levels",
    }  # fmt: skip
