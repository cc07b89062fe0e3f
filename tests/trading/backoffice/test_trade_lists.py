"""The lists of trades by kind: columns, floating profit, totals."""

import csv
import re
from io import StringIO
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, User
from core import redis
from core.redis_keys import QUOTES
from market import catalog
from market.sessions import timetable
from tests import factories
from tests.backoffice.fixtures import Browser
from tests.factories import D
from tests.trading.backoffice.list_reader import LIST, shown
from trading import services
from trading.backoffice import trade_totals
from trading.enums import Cmd
from trading.models import Trade
from trading.services import ledger


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


def test_a_tab_is_no_filter_that_is_set(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    client = browser(carol)
    for query, is_set in (
        ({"kind": "open", "sort": "best"}, False),
        ({"kind": "open", "cmd__exact": ""}, False),
        ({"kind": "open", "cmd__exact": "0"}, True),
        ({"open_time_from_0": "2026-11-28"}, True),
    ):
        assert client.get(LIST, query).context["cl"].has_active_filters is is_set, query


def test_filters_speak_of_deposits_cancelled_orders_and_requests(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    client = browser(carol)
    page = client.get(LIST, {"kind": "closed"}).content.decode()
    offered = {text.strip() for text in re.findall(r"<option[^>]*>([^<]*)</option>", page)}
    assert {"deposit", "withdrawal", "partial close", "cancelled", "request"} <= offered
    assert not {"balance in", "balance out", "deleted", "closed part", "none"} & offered
    assert shown(client, activation__exact="0", cmd__exact="6") == shown(client, kind="finance")
    assert shown(client, activation__exact="1") == []


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
        ("USD", "deposit", 1, "10,000.00"), ("USD", "withdrawal", 1, "-50.00"),
    ]  # fmt: skip


def test_a_malformed_date_lists_nothing_and_says_so(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    client, query = browser(carol), {"open_time_from_0": "2026-99-99"}
    page = client.get(LIST, query)
    assert "“2026-99-99” is no time." in page.content.decode()
    assert list(page.context["cl"].result_list) == []
    client.get(f"{LIST}live/", query, headers={"X-Background": "1"})
    assert "is no time" not in client.get(LIST).content.decode()


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
