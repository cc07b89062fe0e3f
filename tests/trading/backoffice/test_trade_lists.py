"""The lists of trades by kind: columns, floating profit, totals."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, User
from backoffice.pages import lists
from core import redis
from core.redis_keys import QUOTES
from market import catalog
from market.models import Symbol
from market.sessions import timetable
from tests import factories
from tests.backoffice.fixtures import Browser
from tests.factories import D
from trading import services
from trading.backoffice import trade_totals
from trading.backoffice.pages import TradePage
from trading.enums import Cmd
from trading.models import Trade
from trading.services import ledger

LIST = "/admin/trading/trade/"


@pytest.fixture
def book(alice: Account, bob: Account, eurusd: Symbol) -> dict[str, Trade]:
    """A position of each, a pending, a closed trade and the deposits."""
    long = services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    short = services.open_market(login=100002, cmd=Cmd.SELL, symbol="EURUSD", volume=50)
    pending = services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=10, open_price=D("1.05")
    )
    closed = services.close_position(login=100001, order=long.order, volume=40)
    factories.quote("EURUSD", 1.11, 1.1102)
    return {"long": long, "short": short, "pending": pending, "closed": closed}


def shown(client: Client, **query: str) -> list[int]:
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return [row.order for row in answer.context["cl"].result_list]


def total(client: Client, **query: str) -> Any:
    content = client.get(LIST, query).context["cl"].totals
    return [tuple(row) for row in content.rows] or content.note


def test_each_tab_has_its_rows(carol: User, book: dict[str, Trade], browser: Browser) -> None:
    client = browser(carol)
    assert shown(client, kind="open") == [book["short"].order, book["long"].order]
    assert shown(client, kind="pending") == [book["pending"].order]
    assert shown(client, kind="closed") == [book["closed"].order]
    finance = Trade.objects.finance_operations().order_by("-order").values_list("order", flat=True)
    assert shown(client, kind="finance") == list(finance)
    assert len(shown(client)) == 6
    page = client.get(LIST, {"kind": "open"}).content.decode()
    for kind in ("", "?kind=open", "?kind=pending", "?kind=closed", "?kind=finance"):
        assert f'href="{LIST}{kind}"' in page


def test_a_position_shows_its_floating_profit_in_its_currency(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    page = browser(carol).get(LIST, {"kind": "open"})
    rows = {row.order: row.floating for row in page.context["cl"].result_list}
    # 60 000 · (1.11 - 1.1001); 50 000 · (1.1 - 1.1102), bought with EUR at its bid
    assert rows[book["long"].order] == D("594.00")
    assert rows[book["short"].order] == D("-459.46") == round(D(-510) / D("1.1100"), 2)
    words = page.content.decode()
    assert "594.00" in words
    assert "-459.46" in words


def test_the_floating_profits_of_a_page_take_one_redis_round_trip(
    admin: User, alice: Account, book: dict[str, Trade], client: Client, monkeypatch: Any
) -> None:
    client.force_login(admin)
    real = redis.RedisScript.run
    asked: list[Any] = []

    def noted(script: redis.RedisScript, keys: Any, arguments: Any) -> Any:
        if QUOTES in keys:
            asked.append(keys)
        return real(script, keys, arguments)

    monkeypatch.setattr(redis.RedisScript, "run", noted)
    for cache in (catalog, timetable):  # else one page in two seconds asks whether they are new
        monkeypatch.setattr(cache, "CACHE_SECONDS", 3600.0)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(LIST).status_code == 200
        return len(found)

    queries()  # the first one reads what a process keeps
    asked.clear()
    few = queries()
    per_page = len(asked)
    for _ in range(5):
        services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=1)
    asked.clear()
    assert queries() == few
    assert len(asked) == per_page == 1


def test_a_position_without_a_price_shows_none(
    carol: User, alice: Account, book: dict[str, Trade], browser: Browser
) -> None:
    factories.symbol("GBPUSD")
    Trade.objects.filter(pk=book["long"].pk).update(symbol="GBPUSD")
    client = browser(carol)
    page = client.get(LIST, {"kind": "open"})
    rows = {row.order: row.floating for row in page.context["cl"].result_list}
    assert rows[book["long"].order] is None
    assert "1 positions have no price" in page.content.decode()


def test_the_totals_of_open_trades_are_by_currency(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    client = browser(carol)
    assert total(client, kind="open") == [
        ("EUR", 1, "0.50", "-459.46", "0.00", "0.00", "-459.46"),
        ("USD", 1, "0.60", "594.00", "0.00", "0.00", "594.00"),
    ]
    assert [row[0] for row in total(client, kind="open", q="100002")] == ["EUR"]
    assert total(client, kind="pending") == [("USD", 1, "0.10")]


def test_totals_of_closed_trades_need_a_login_or_a_short_period(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    client = browser(carol)
    expected = [("USD", 1, "0.40", "-4.00", "0.00", "0.00", "-4.00")]
    assert total(client, kind="closed") == trade_totals.NARROW_NOTE
    assert total(client, kind="closed", q="100001") == expected
    week = {"close_time_from_0": "2000-01-01", "close_time_to_0": "2000-01-08"}
    assert total(client, kind="closed", **week) == trade_totals.NARROW_NOTE
    week["close_time_to_0"] = "2000-01-07"
    assert total(client, kind="closed", **week) == ""
    ledger.post_operation(login=100001, cmd=Cmd.BALANCE_OUT, amount=D(50))
    assert total(client, kind="finance", q="100001") == [
        ("USD", "balance in", 1, "10,000.00"), ("USD", "balance out", 1, "-50.00"),
    ]  # fmt: skip


def test_too_many_rows_have_no_totals(
    carol: User, book: dict[str, Trade], browser: Browser, monkeypatch: Any
) -> None:
    monkeypatch.setattr(trade_totals, "MAX_POSITIONS", 1)
    monkeypatch.setattr(trade_totals, "MAX_ROWS", 0)
    client = browser(carol)
    assert total(client, kind="open") == "More than 1 rows: narrow the filter for totals."
    assert "More than 0 rows" in total(client, kind="closed", q="100001")


def test_scoped_staff_see_only_their_groups_and_their_totals(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    User.objects.filter(pk=carol.pk).update(managed_groups="std-*")
    client = browser(carol)
    assert shown(client, kind="open") == [book["short"].order]
    assert [row[0] for row in total(client, kind="open")] == ["EUR"]
    assert shown(client, kind="closed", q="100001") == []


def test_search_finds_an_order_and_a_login(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    client = browser(carol)
    assert shown(client, q=str(book["short"].order)) == [book["short"].order]
    assert shown(client, q="100002", kind="open") == [book["short"].order]


def test_an_export_has_the_floating_profits(
    dan: User, book: dict[str, Trade], browser: Browser
) -> None:
    answer: Any = browser(dan).get(f"{LIST}export/csv/", {"kind": "open"})
    rows = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode())))
    assert [row["Profit"] for row in rows[-2:]] == ["-459.46", "594.00"]


def test_the_client_the_price_now_and_the_distances_are_shown(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    Trade.objects.filter(pk=book["long"].pk).update(sl=D("1.09"), tp=D("1.12345"))
    client = browser(carol)
    cells = columns_of(client.get(LIST, {"kind": "open"}), row=1)
    assert cells["Client"] == "Alice"
    assert cells["Now"] == "1.11000"  # the bid, as the position is long
    assert (cells["To SL"], cells["To TP"]) == ("2,000", "1,345")
    cells = columns_of(client.get(LIST, {"kind": "pending"}))
    assert (cells["Now"], cells["Points away"]) == ("1.11020", "6,020")
    assert columns_of(client.get(LIST, {"kind": "closed"}))["Close"] == "1.10000"


def columns_of(page: Any, row: int = 0) -> dict[str, str]:
    """Return the texts of a row's cells by heading."""
    table = page.context["cl"].table
    chosen = page.context["cl"].result_list[row]
    return {column.label: column.read(chosen) for column in table.columns}


def test_search_finds_a_clients_orders_by_name(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    client = browser(carol)
    assert shown(client, q="alice", kind="open") == [book["long"].order]
    assert shown(client, q="alice EURUSD", kind="pending") == [book["pending"].order]
    assert shown(client, q="nobody") == []


def test_orders_are_filtered_by_group(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    group = str(Account.objects.get(pk=100002).group_id)
    assert shown(browser(carol), kind="open", account__group__id__exact=group) == [
        book["short"].order
    ]


def test_the_last_days_are_one_click_away(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    client = browser(carol)
    links = {text: url for text, url, _ in client.get(LIST, {"q": "1"}).context["cl"].periods}
    assert list(links) == ["today", "yesterday", "7 days"]
    assert len(client.get(LIST + links["7 days"]).context["cl"].result_list) == 0  # nor q is lost
    links = {
        text: url for text, url, _ in client.get(LIST, {"kind": "closed"}).context["cl"].periods
    }
    today = client.get(LIST + links["today"]).context["cl"]
    assert [row.order for row in today.result_list] == [book["closed"].order]
    assert [active for *_, active in today.periods] == [True, False, False]
    assert today.totals.rows
    assert shown_at(client, links["yesterday"]) == []


def shown_at(client: Client, query: str) -> list[int]:
    return [row.order for row in client.get(LIST + query).context["cl"].result_list]


def test_lists_say_how_long_they_are_where_that_is_cheap(
    carol: User, book: dict[str, Trade], browser: Browser, monkeypatch: Any
) -> None:
    client = browser(carol)

    def count(**query: str) -> str:
        return str(client.get(LIST, query).context["cl"].count_text)

    assert count() == "6 trades"
    assert count(kind="pending") == "1 trade"
    monkeypatch.setattr(TradePage, "list_per_page", 1)
    assert count() == "1+ trades"
    assert count(p="2") == "2+ trades"
    assert count(kind="open") == "2 trades"
    monkeypatch.setattr(lists, "MAX_COUNTED", 1)
    assert count(kind="open") == "1+ trades"
