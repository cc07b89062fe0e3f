"""Swap fields: shown to clients, set in the admin, seeded by the demo."""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account, User
from market import demo
from market.enums import SwapType
from market.models import Symbol
from tests import factories
from tests.backoffice.fixtures import Browser, browser
from tests.backoffice.forms import submit
from tests.conftest import Signed

__all__ = ["browser"]  # the fixture
SWAPS = ("swap_enable", "swap_type", "swap_long", "swap_short", "swap_rollover3days")


@pytest.fixture
def swapped(eurusd: Symbol) -> Symbol:
    Symbol.objects.update(
        swap_enable=True,
        swap_type=SwapType.INTEREST_OPEN,
        swap_long=D("-7.25"),
        swap_short=D("0.5"),
        swap_rollover3days=5,
    )
    return Symbol.objects.get()


def swap_fields(asset: dict[str, Any]) -> list[Any]:
    return [asset[name] for name in SWAPS]


@pytest.mark.usefixtures("swapped")
def test_clients_see_the_symbols_own_swaps(signed_in: Signed, alice: Account) -> None:
    client = signed_in(alice)
    listed = client.get("/market").json()["assets"]["EURUSD"]
    alone = client.get("/market/symbol?symbol=EURUSD").json()
    assert swap_fields(listed) == swap_fields(alone) == [1, 4, -7.25, 0.5, 5]
    table = client.get("/market/short/list").json()["assets"]
    row = dict(zip(table["structure"], table["rows"][0], strict=True))
    assert row["swap_enable"] == 1
    assert not {"swap_long", "swap_type"} & set(row)


def test_a_symbol_without_swaps_shows_them_as_disabled(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    asset = signed_in(alice).get("/market").json()["assets"]["EURUSD"]
    assert swap_fields(asset) == [0, 0, 0, 0, 3]


def test_a_dealer_sets_swaps_in_the_admin(browser: Browser, dan: User, eurusd: Symbol) -> None:
    changes = {"swap_enable": "on", "swap_type": "2", "swap_long": "-6.5", "swap_short": "1.25"}
    submit(browser(dan), "/admin/market/symbol/EURUSD/change/", **changes)
    kept = Symbol.objects.get(pk="EURUSD")
    assert swap_fields(vars(kept)) == [True, SwapType.INTEREST, D("-6.5"), D("1.25"), 3]


@pytest.mark.django_db
def test_the_demos_symbols_have_swaps() -> None:
    demo.seed()
    symbols = Symbol.objects.all()
    assert len(symbols) == 12
    assert all(symbol.swap_enable and symbol.swap_long for symbol in symbols)
    # A broker earns on both sides together, and believable nights cost less than 0.1 %.
    assert all(symbol.swap_long + symbol.swap_short < 0 for symbol in symbols)
    for symbol in symbols:
        worst = max(abs(symbol.swap_long), abs(symbol.swap_short))
        points = symbol.swap_type == SwapType.POINTS
        share = worst * symbol.point / symbol.demo_price if points else worst / 36_000
        assert 0 < share < D("0.001")


@pytest.mark.django_db
def test_seeding_the_demo_keeps_the_brokers_swaps() -> None:
    factories.symbol("EURUSD", swap_long=D(-1))
    demo.seed()
    kept = Symbol.objects.get(pk="EURUSD")
    assert (kept.swap_enable, kept.swap_long) == (False, D(-1))
