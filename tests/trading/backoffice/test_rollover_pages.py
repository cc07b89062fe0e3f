"""Staff view rollovers and swap charges."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Account, User
from core.clock import now
from market.models import Symbol
from tests.backoffice.fixtures import Browser
from tests.factories import D
from trading import services
from trading.enums import Cmd
from trading.models import Rollover, SwapCharge, Trade

LIST, CHARGES = "/admin/trading/rollover/", "/admin/trading/swapcharge/"


@pytest.fixture
def night(alice: Account, bob: Account, eurusd: Symbol) -> Rollover:
    """Not finished; it has charged three trades in two currencies."""
    night = Rollover.objects.create(night=date(2026, 11, 20), moment=now())
    for login, amount in ((100001, "-1.25"), (100001, "-0.75"), (100002, "0.50")):
        trade = services.open_market(login=login, cmd=Cmd.BUY, symbol="EURUSD", volume=1)
        SwapCharge.objects.create(trade=trade, night=night, amount=D(amount), terms={"type": 0})
    return night


def words(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_an_unfinished_night_shows_what_it_has_charged_so_far(
    carol: User, night: Rollover, browser: Browser
) -> None:
    client = browser(carol)
    assert "not finished" in words(client, LIST)
    page = words(client, f"{LIST}2026-11-20/change/")
    assert "-2.00 USD" in page
    assert "0.50 EUR" in page


def test_a_finished_night_shows_its_charges_in_the_list(
    carol: User, night: Rollover, browser: Browser
) -> None:
    Rollover.objects.update(finished=now(), charged=3, amounts={"EUR": "0.5", "USD": "-2"})
    page = words(browser(carol), LIST)
    assert "finished 20" in page
    assert "0.50 EUR, -2.00 USD" in page


def test_scoped_staff_see_no_sums_over_all_groups(
    carol: User, night: Rollover, browser: Browser
) -> None:
    Rollover.objects.update(finished=now(), charged=3, amounts={"EUR": "0.5", "USD": "-2"})
    User.objects.filter(pk=carol.pk).update(managed_groups="std-*")
    client = browser(carol)
    assert "-2.00 USD" not in words(client, LIST)
    assert "-2.00 USD" not in words(client, f"{LIST}2026-11-20/change/")
    assert "-1.25" not in words(client, CHARGES)
    assert "0.50" in words(client, CHARGES)


def test_the_charges_are_found_by_order_login_and_night(
    carol: User, night: Rollover, browser: Browser
) -> None:
    client = browser(carol)

    def found(**query: str) -> list[Decimal]:
        return [row.amount for row in client.get(CHARGES, query).context["cl"].result_list]

    mine = Trade.objects.get(account=100002, symbol="EURUSD")
    assert found() == [D("0.5"), D("-0.75"), D("-1.25")]
    assert found(q="100001") == [D("-0.75"), D("-1.25")]
    assert found(q=str(mine.order)) == [D("0.5")]
    assert len(found(night="2026-11-20")) == 3
    assert len(found(night="nonsense")) == 3
    Rollover.objects.create(night=date(2026, 11, 19), moment=now())
    assert found(night="2026-11-19") == []


def test_rollovers_and_charges_cannot_be_changed(
    admin: User, night: Rollover, browser: Browser
) -> None:
    client = browser(admin)
    for address in (LIST, CHARGES):
        assert client.get(f"{address}add/").status_code == 403
    assert client.post(f"{LIST}2026-11-20/change/", {"charged": 9}).status_code == 403
