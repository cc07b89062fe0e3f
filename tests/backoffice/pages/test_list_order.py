"""The order of lists of big tables follows an index, for typed addresses as well."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, User
from backoffice.pages.lists import index_orders, ordering_by_index
from market.models import Symbol
from tests.backoffice.pages import list_queries
from trading.models import Trade


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        (["symbol_id", "-pk"], ["symbol_id", "-order"]),
        (["-symbol_id", "-pk"], ["-symbol_id", "order"]),
        (["open_time", "-pk"], ["open_time", "order"]),
        (["-open_time", "-pk"], ["-open_time", "-order"]),
        (["-order"], ["-order"]),
        (["profit"], ["profit"]),
    ],
)
def test_equal_rows_are_listed_in_the_index_order(asked: list[str], order: list[str]) -> None:
    assert ordering_by_index(Trade, asked) == order


def test_partial_indexes_do_not_order_lists() -> None:
    assert {"order", "open_time", "symbol", "symbol_id"} <= set(index_orders(Trade))
    assert not {"close_time", "cmd", "state", "profit"} & set(index_orders(Trade))


@pytest.fixture
def three(alice: Account, eurusd: Symbol) -> list[int]:
    """Orders whose profit and times are in other orders than they are."""
    rows = [("3", 300, 30), ("1", 100, 20), ("2", 200, 0)]
    return [
        Trade.objects.create(
            account=alice, symbol=eurusd, cmd=0, open_time=opened, close_time=closed, profit=profit
        ).order
        for profit, opened, closed in rows
    ]


def shown(admin: User, **query: str) -> list[int]:
    rows = list_queries.changelist_for(Trade, admin, {"cmd__exact": "0", **query}).result_list
    return [row.order for row in rows]


def test_a_typed_order_without_an_index_is_ignored(admin: User, three: list[int]) -> None:
    titles = [
        getattr(entry, "__name__", entry)
        for entry in list_queries.changelist_for(Trade, admin, {}).list_display
    ]
    newest_first = three[::-1]
    assert shown(admin, o=str(titles.index("profit"))) == newest_first
    assert shown(admin, o=str(titles.index("order"))) == three
    by_opening = [three[1], three[2], three[0]]
    assert shown(admin, o=str(titles.index("open_time"))) == by_opening


def test_a_chosen_time_range_orders_the_list(admin: User, three: list[int]) -> None:
    assert shown(admin, open_time_to_0="2026-01-01") == [three[0], three[2], three[1]]
    assert shown(admin, open_time_to_0="nonsense") == []


def test_a_row_without_a_time_is_not_before_any_date(admin: User, three: list[int]) -> None:
    assert shown(admin, close_time_to_0="2026-01-01") == three[:2]


def test_only_small_tables_are_counted(admin: User, client: Client, three: list[int]) -> None:
    client.force_login(admin)
    for address, counted in (("trading/trade/", False), ("market/schedule/", True)):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/admin/{address}?_facets=True").status_code == 200
        table = address.strip("/").replace("/", "_")
        counting = f'COUNT(*) AS "__count" FROM "{table}"'
        found = any(counting in str(one["sql"]) for one in queries)
        assert found is counted
