"""An account's page: its figures now, its rows and its history."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, User
from alerts.models import Alert
from core import redis
from market.models import LastQuote, Symbol
from tests import factories
from tests.backoffice.fixtures import Browser
from tests.backoffice.tile_reader import read_tiles
from tests.conftest import Signed
from trading import services

PAGE = "/admin/accounts/account/100001/change/"
LIVE = "/admin/accounts/account/100001/live/"


@pytest.fixture
def furnished(alice: Account, eurusd: Symbol) -> Account:
    """Alice with a position, a pending, a closed order, and an alert."""
    services.open_market(login=alice.pk, cmd=0, symbol="EURUSD", volume=100)
    closed = services.open_market(login=alice.pk, cmd=1, symbol="EURUSD", volume=10)
    services.close_position(login=alice.pk, order=closed.order, volume=10)
    services.open_pending(
        login=alice.pk, cmd=2, symbol="EURUSD", volume=20, open_price=Decimal("1.05")
    )
    Alert.objects.create(
        account=alice, symbol=eurusd, side=0, condition=0, target_price="1.2345", repeat_mode=0,
        created_at=1, updated_at=1,
    )  # fmt: skip
    return alice


def tiles(client: Any) -> dict[str, Any]:
    return read_tiles(client.get(LIVE, headers={"X-Background": "1"}))


def figures(client: Any) -> dict[str, str]:
    """Return the figures of the header and of the tile, as they are shown anew."""
    answer = client.get(LIVE, headers={"X-Background": "1"})
    header = answer.context["client"].figures.figures
    shown = {label: value for label, value, *_ in read_tiles(answer)["figures"][0]["figures"]}
    assert not shown.keys() & dict(header).keys()
    return {label: str(value) for label, value in header} | shown


def test_the_figures_follow_the_market_without_loading_the_page(
    furnished: Account, carol: User, browser: Browser, signed_in: Signed
) -> None:
    client = browser(carol)
    page = client.get(PAGE).content.decode()
    assert f'hx-get="{LIVE}"' in page
    assert "live.js" in page
    factories.quote("EURUSD", 1.15, 1.1501)
    displayed = figures(client)
    own = signed_in(furnished).get("/account/balance").json()
    assert displayed["Floating profit"] == f"{own['profit']:,.2f}" == "4,990.00"
    assert displayed["Equity"] == f"{own['equity']:,.2f}"
    assert displayed["Margin"] == f"{own['margin']:,.2f}"
    assert displayed["Free margin"] == f"{own['margin_free']:,.2f}"
    assert displayed["Margin level"] == f"{own['margin_level']:,.2f} %"
    factories.quote("EURUSD", 1.05, 1.0501)
    assert figures(client)["Floating profit"] == "-5,010.00"


def test_the_open_positions_show_their_profit(
    furnished: Account, carol: User, browser: Browser
) -> None:
    factories.quote("EURUSD", 1.15, 1.1501)
    (row,) = tiles(browser(carol))["positions"][0]["rows"]
    order = furnished.trades.positions().get().order
    assert row[0] == {"text": str(order), "href": f"/admin/trading/trade/{order}/change/"}
    assert row[1:7] == ["EURUSD", "buy", "1.00", "1.10010", "1.15000", "0.00"]
    assert row[7] == {"text": "4,990.00", "tone": "good"}


def test_a_missing_price_is_shown_and_breaks_no_tile(
    furnished: Account, carol: User, browser: Browser
) -> None:
    redis.sync_client().flushall()
    LastQuote.objects.all().delete()
    client = browser(carol)
    assert client.get(PAGE).status_code == 200
    balance = Account.objects.get(pk=100001).balance
    found = tiles(client)
    assert "No price of EURUSD" in found["figures"][1]["text"]
    assert found["positions"][0]["rows"][0][7] == "–"
    assert figures(client)["Balance"] == f"{balance:,.2f} USD"


def test_the_page_shows_profile_orders_alerts_and_events(
    furnished: Account, carol: User, browser: Browser
) -> None:
    page = browser(carol).get(PAGE)
    panels = {panel.title: content for panel, content in page.context["panels"]}
    assert [row[1] for row in panels["Pending orders"].rows] == ["buy limit"]
    assert [row[1] for row in panels["History"].rows] == ["sell"]
    assert [row[3] for row in panels["Ledger"].rows] == ["10,000.00"]
    assert [row[4] for row in panels["Price alerts"].rows] == ["1.2345"]
    assert panels["Event log"].rows[0][0] == Account.objects.get(pk=100001).seq
    assert panels["History"].more.url == "/admin/trading/trade/?q=100001"


def test_the_history_and_the_log_show_the_newest_twenty(
    alice: Account, carol: User, browser: Browser
) -> None:
    from trading.services import ledger

    for number in range(25):
        ledger.post_operation(login=100001, cmd=6, amount=Decimal(number + 1))  # type: ignore[arg-type]
    page = browser(carol).get(PAGE)
    panels = {panel.title: content for panel, content in page.context["panels"]}
    assert len(panels["Ledger"].rows) == len(panels["Event log"].rows) == 20
    assert panels["Ledger"].rows[0][3] == "25.00"


def test_the_page_and_its_figures_take_few_queries(
    furnished: Account, admin: User, browser: Browser
) -> None:
    client = browser(admin)
    for url, most in ((PAGE, 25), (LIVE, 12)):
        client.get(url)  # what a process caches is read by its first page
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= most, [str(query["sql"])[:150] for query in queries]


def test_a_client_without_orders_has_figures(alice: Account, carol: User, browser: Browser) -> None:
    displayed = figures(browser(carol))
    assert (displayed["Equity"], displayed["Margin level"], displayed["State"]) == (
        "10,000.00",
        "–",
        "ok",
    )


def test_without_the_permission_no_figures_are_sent(
    alice: Account, client: Any, browser: Browser
) -> None:
    assert client.get(LIVE).status_code == 302
    assert client.get("/admin/accounts/account/999/live/").status_code == 302


@pytest.mark.parametrize("login", ["999", "x", "%00"])
def test_an_unknown_account_has_no_figures(
    alice: Account, carol: User, browser: Browser, login: str
) -> None:
    assert browser(carol).get(f"/admin/accounts/account/{login}/live/").status_code == 404


@pytest.mark.parametrize(
    "words", ["100001", "Alice", "alice@example.com", "alic", "+371 2000 1234"]
)
def test_an_account_is_found_by_login_name_mail_and_phone(
    alice: Account, bob: Account, carol: User, browser: Browser, words: str
) -> None:
    User.objects.filter(pk=100001).update(email="alice@example.com", phone="+371 20001234")
    page = browser(carol).get("/admin/accounts/account/", {"q": words})
    assert [row.pk for row in page.context["cl"].result_list] == [100001]
