"""What dealers do with the lists of trades: client, price now, distances, quick links, actions."""

from typing import Any

from django.test import Client

from accounts.models import Account, User
from backoffice.pages import lists
from market.models import GroupTerms
from tests import factories
from tests.backoffice.actions.trade_actions import submit_action
from tests.backoffice.fixtures import Browser
from tests.factories import D
from tests.trading.backoffice.list_reader import LIST, shown
from trading import services
from trading.backoffice import position_order, trade_columns
from trading.backoffice.pages import TradePage
from trading.enums import Cmd
from trading.models import Trade


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
    page = client.get(LIST, {"q": "987654321"}).context["cl"]
    links = {text: url for text, url, _ in page.periods}
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


def test_live_rows_follow_the_market_and_the_filters(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    client = browser(carol)
    page = client.get(LIST, {"kind": "open", "q": "100001"}).content.decode()
    assert 'hx-get="live/?kind=open&amp;q=100001"' in page
    factories.quote("EURUSD", 1.12, 1.1202)
    rows = client.get(f"{LIST}live/", {"kind": "open", "q": "100001"}).content.decode()
    assert rows.count("<tr id=") == 1
    assert "1,194.00" in rows  # 60 000 · (1.12 - 1.1001)
    assert f"{book['long'].order}/change/?_changelist_filters=kind%3Dopen%26q%3D100001" in rows
    assert 'id="list-totals"' in rows
    assert 'hx-get="live' not in client.get(LIST, {"kind": "closed"}).content.decode()
    assert client.get(f"{LIST}live/", {"open_time__gte": "x"}).status_code == 404


def test_rows_offer_what_the_dealer_may_do_and_return_to_the_list(
    dan: User, carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    dealer = browser(dan)
    offered = dealer.get(LIST, {"kind": "open", "q": "100001"}).content.decode()
    url = f"{LIST}{book['long'].order}/do/close/?_changelist_filters=kind%3Dopen%26q%3D100001"
    assert url in offered
    assert f"{book['long'].order}/do/modify/" in offered
    assert "/do/cancel/" not in offered
    assert "/do/cancel/" in dealer.get(LIST, {"kind": "pending"}).content.decode()
    assert "/do/" not in dealer.get(LIST, {"kind": "closed"}).content.decode()
    assert "/do/" not in browser(carol).get(LIST).content.decode()  # of support
    answer = submit_action(dealer, url, reason="asked by phone")
    assert answer["Location"] == f"{LIST}?kind=open&q=100001"
    book["long"].refresh_from_db()
    assert book["long"].close_time > 0


def test_open_positions_are_sorted_by_result_and_volume(
    carol: User, book: dict[str, Trade], browser: Browser
) -> None:
    tiny = services.open_market(login=100001, cmd=Cmd.SELL, symbol="EURUSD", volume=1)
    factories.quote("EURUSD", 1.12, 1.1202)
    long, short = book["long"].order, book["short"].order  # +1194 dollars, -900 euros
    client = browser(carol)
    assert shown(client, kind="open", sort="worst") == [short, tiny.order, long]
    assert shown(client, kind="open", sort="best") == [long, tiny.order, short]
    assert shown(client, kind="open", sort="largest") == [long, short, tiny.order]
    assert shown(client, kind="open", sort="largest", q="100001") == [long, tiny.order]
    assert shown(client, kind="pending", sort="worst") == [book["pending"].order]
    assert shown(client, kind="open", sort="worst", q="nobody") == []
    page = client.get(LIST, {"kind": "open", "sort": "worst"}).context["cl"]
    assert [text for text, _, active in page.sorts if active] == ["worst result"]
    links = {text: url for text, url, _ in page.sorts}
    assert shown_at(client, links["oldest"]) == [long, short, tiny.order]
    assert shown_at(client, links["newest"]) == [tiny.order, short, long]


def test_positions_are_sorted_by_the_result_that_is_shown(
    carol: User, book: dict[str, Trade], browser: Browser, monkeypatch: Any
) -> None:
    """Of groups with and without mark-up, in symbols that three currencies convert."""
    factories.symbol("USDJPY", digits=3)
    factories.publish(("USDJPY", 155.0, 155.02), ("EURUSD", 1.11, 1.1102))
    GroupTerms.objects.create(group_id=book["short"].account.group_id, symbols="*", bid_markup=900)
    for number in range(24):
        symbol, price = (("EURUSD", D("1.11")), ("USDJPY", D(155)))[number // 2 % 2]
        Trade.objects.create(
            account_id=(100001, 100002)[number // 4 % 2], symbol_id=symbol, cmd=number % 2,
            volume=10 + number * 7 % 5, open_time=1, digits=5,
            open_price=price * (1 + D(number * 11 % 24 - 12) / 1000),
        )  # fmt: skip
    client = browser(carol)
    rates = {"USD": D(1), "EUR": D("1.1101")}
    for sort, sign in (("worst", 1), ("best", -1)):
        rows = client.get(LIST, {"kind": "open", "sort": sort}).context["cl"].result_list
        results = [
            sign * (trade_columns.profit_of_row(row) or D(0)) * rates[row.account.group.currency]
            for row in rows
        ]
        assert len(results) == 26
        assert results == sorted(results)
    monkeypatch.setattr(position_order, "MAX_RANKED", 5)
    answer = client.get(LIST, {"kind": "open", "sort": "worst"})
    assert len(answer.context["cl"].result_list) == 5
    assert "the first 5 of them" in answer.content.decode()
