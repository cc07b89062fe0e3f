"""Order fields that are left out or sent unchanged are not validated again."""

from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from core.clock import now
from market.models import Symbol
from tests import factories
from tests.conftest import Signed
from trading import errors, services
from trading.enums import Cmd
from trading.models import Trade

LOGIN = 100001
# What the broker or the market changes, so that none of the levels could be set any more.
CHANGES: dict[str, Callable[[], object]] = {
    "stops level": lambda: Symbol.objects.update(stops_level=50_000),
    "tick": lambda: Symbol.objects.update(tick_size=D("0.3")),
    "price": lambda: factories.quote("EURUSD", 1.3, 1.3001),
    "price on the other side": lambda: factories.quote("EURUSD", 0.9, 0.9001),
}


@pytest.fixture
def position(alice: Account, eurusd: Symbol) -> Trade:
    return services.open_market(
        login=LOGIN, cmd=Cmd.BUY, symbol="EURUSD", volume=100, sl=D("1.08"), tp=D("1.12")
    )


@pytest.fixture
def pending(alice: Account, eurusd: Symbol) -> Trade:
    return services.open_pending(
        login=LOGIN, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=100, open_price=D("1.09"),
        sl=D("1.08"), tp=D("1.12"), expiration=now() + 3600,
    )  # fmt: skip


@pytest.fixture
def client(signed_in: Signed, alice: Account) -> APIClient:
    return signed_in(alice)


def put(client: APIClient, path: str, trade: Trade, **sent: Any) -> tuple[int, str]:
    answer = client.put(path, {"order": trade.order, **sent}, format="json")
    trade.refresh_from_db()
    return answer.status_code, answer.json().get("error", "")


@pytest.mark.parametrize("change", CHANGES)
def test_one_level_of_a_position_is_cleared_and_the_other_unchanged(
    client: APIClient, position: Trade, change: str
) -> None:
    CHANGES[change]()
    assert put(client, "/trade/modify", position, tp=0) == (200, "")
    assert put(client, "/trade/modify", position, sl=1.08, tp=0) == (200, "")
    assert (position.sl, position.tp) == (D("1.08"), 0)
    assert put(client, "/trade/modify", position, sl=0) == (200, "")


@pytest.mark.parametrize("change", CHANGES)
def test_a_position_sent_unchanged_is_not_modified(
    client: APIClient, position: Trade, change: str
) -> None:
    CHANGES[change]()
    before = (position.sl, position.tp, position.sl_seen, position.tp_seen)
    assert put(client, "/trade/modify", position, sl=1.08, tp=1.12) == (200, "")
    assert (position.sl, position.tp, position.sl_seen, position.tp_seen) == before


def test_changed_levels_of_a_position_are_validated(client: APIClient, position: Trade) -> None:
    Symbol.objects.update(stops_level=3_000)
    assert put(client, "/trade/modify", position, sl=1.081) == (400, "RET_TRADE_BAD_STOPS")
    assert put(client, "/trade/modify", position, sl=1.08, tp=1.121) == (400, "RET_TRADE_BAD_STOPS")
    assert put(client, "/trade/modify", position, sl=1.2, tp=1.12)[1] == "RET_TRADE_INVALID_SL_TP"
    assert put(client, "/trade/modify", position, sl=1.06, tp=1.12) == (200, "")
    assert (position.sl, position.tp) == (D("1.06"), D("1.12"))


@pytest.mark.parametrize("change", CHANGES)
def test_an_expiration_can_be_changed_whatever_the_levels(
    client: APIClient, pending: Trade, change: str
) -> None:
    CHANGES[change]()
    later = now() + 7200
    assert put(client, "/trade/modify/pending", pending, expiration=later) == (200, "")
    whole = {"open_price": 1.09, "sl": 1.08, "tp": 1.12}
    assert put(client, "/trade/modify/pending", pending, **whole, expiration=0) == (200, "")
    assert (pending.open_price, pending.sl, pending.tp) == (D("1.09"), D("1.08"), D("1.12"))
    assert pending.expiration == 0


def test_an_unchanged_expiration_may_be_in_the_past(client: APIClient, pending: Trade) -> None:
    Trade.objects.filter(pk=pending.order).update(expiration=now() - 5)
    pending.refresh_from_db()
    past = pending.expiration
    assert put(client, "/trade/modify/pending", pending, sl=1.07, expiration=past) == (200, "")
    assert (pending.sl, pending.expiration) == (D("1.07"), past)
    answer = put(client, "/trade/modify/pending", pending, expiration=past - 1)
    assert answer == (400, "RET_TRADE_EXPIRATION_DENIED")


@pytest.mark.parametrize("change", ["stops level", "tick"])
def test_one_level_of_a_pending_is_cleared_and_the_other_unchanged(
    client: APIClient, pending: Trade, change: str
) -> None:
    CHANGES[change]()
    assert put(client, "/trade/modify/pending", pending, sl=0) == (200, "")
    assert put(client, "/trade/modify/pending", pending, sl=1.07)[0] == 400
    assert (pending.sl, pending.tp) == (0, D("1.12"))


@pytest.mark.parametrize(
    ("cmd", "price"),
    [
        (Cmd.BUY_LIMIT, "1.05"),
        (Cmd.BUY_STOP, "1.15"),
        (Cmd.SELL_LIMIT, "1.15"),
        (Cmd.SELL_STOP, "1.05"),
    ],
)
def test_a_new_price_keeps_the_stops_distance_to_unchanged_levels(
    alice: Account, eurusd: Symbol, cmd: Cmd, price: str
) -> None:
    def at(points: int) -> D:
        """A price so many points from the order's, in the direction of its profit."""
        return D(price) + cmd.direction * points * D("0.00001")

    order = services.open_pending(
        login=LOGIN, cmd=cmd, symbol="EURUSD", volume=1,
        open_price=D(price), sl=at(-2000), tp=at(2000),
    ).order  # fmt: skip

    def move(points: int, **levels: Any) -> None:
        services.modify_pending(login=LOGIN, order=order, open_price=at(points), **levels)

    Symbol.objects.update(stops_level=1500)
    move(500)
    with pytest.raises(errors.BadStops, match="tp"):
        move(501)
    move(-500)
    with pytest.raises(errors.BadStops, match="sl"):
        move(-501)
    move(-501, sl=at(-2100), tp=at(2000))
    Symbol.objects.update(stops_level=5_000)
    services.modify_pending(login=LOGIN, order=order, tp=D(0))
    Symbol.objects.update(stops_level=2_000)
    move(-500)  # away from a level that is nearer than a new one may be
    with pytest.raises(errors.BadStops, match="sl"):
        move(-501)
    with pytest.raises(errors.InvalidStops, match="sl"):
        move(-2100)
