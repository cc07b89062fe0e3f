"""Lists of several terminals: what is written without a prefix is seen on each of them."""

from typing import Any

import pytest

from accounts.enums import SessionType
from accounts.models import Account, User
from audit.models import Entry
from market.models import Symbol, WatchItem
from tests.conftest import Signed, error_of, staff

EURUSD = {"symbol": "EURUSD"}
LISTS = ("web", "mobile")


@pytest.fixture
def client(signed_in: Signed, alice: Account, eurusd: Symbol) -> Any:
    return signed_in(alice)


def seen(client: Any, **query: object) -> dict[str, tuple[int, str]]:
    """Return place and colour of EURUSD on each list where it is."""
    answers = {p: client.get("/market/watch/list", {"prefix": p, **query}).json() for p in LISTS}
    items = {p: answer["assets"].get("EURUSD") for p, answer in answers.items()}
    return {p: (item["sort_index"], item["color"]) for p, item in items.items() if item}


def test_a_write_without_prefix_is_seen_on_every_list(client: Any) -> None:
    assert client.post("/market/watch", {**EURUSD, "sort_index": 3}).status_code == 200
    assert seen(client) == {"web": (3, ""), "mobile": (3, "")}
    assert client.delete("/market/watch", EURUSD).status_code == 200
    assert seen(client) == {}


def test_a_write_with_a_prefix_changes_that_list_alone(client: Any) -> None:
    client.post("/market/watch", {**EURUSD, "sort_index": 3, "color": "#AABBCC"})
    changed = client.put("/market/watch", {**EURUSD, "prefix": "web", "sort_index": 9})
    assert changed.json() == {"data": "OK"}
    assert seen(client) == {"web": (9, "#AABBCC"), "mobile": (3, "#AABBCC")}


def test_a_common_change_is_seen_where_a_list_had_its_own(client: Any) -> None:
    client.post("/market/watch", {**EURUSD, "prefix": "web", "sort_index": 9, "color": "#AABBCC"})
    assert seen(client) == {"web": (9, "#AABBCC")}
    assert client.post("/market/watch", {**EURUSD, "sort_index": 1}).json() == {"data": "OK"}
    assert seen(client) == {"web": (1, "#AABBCC"), "mobile": (1, "")}


def test_a_symbol_leaves_one_list_and_stays_on_the_others(client: Any) -> None:
    client.post("/market/watch", EURUSD)
    for _ in range(2):
        assert client.delete("/market/watch", {**EURUSD, "prefix": "web"}).status_code == 200
        assert seen(client) == {"mobile": (0, "")}
    refused = client.put("/market/watch", {**EURUSD, "prefix": "web", "sort_index": 1})
    assert error_of(refused) == (404, "MARKET_WATCH_SYMBOL_NOT_FOUND")
    assert "EURUSD" in client.post("/market/watch", {**EURUSD, "prefix": "web"}).json()
    assert set(seen(client)) == {"web", "mobile"}
    client.delete("/market/watch", {**EURUSD, "prefix": "web"})
    client.post("/market/watch", EURUSD)
    assert set(seen(client)) == {"web", "mobile"}


def test_hidden_items_count_as_watched_ones(client: Any, eurusd: Symbol, alice: Account) -> None:
    client.post("/market/watch", EURUSD)
    WatchItem.objects.bulk_create(
        WatchItem(login=alice.login, prefix=f"p{i}", symbol=eurusd) for i in range(1999)
    )
    refused = client.delete("/market/watch", {**EURUSD, "prefix": "new"})
    assert error_of(refused) == (400, "INVALID_DATA")
    assert client.delete("/market/watch", {**EURUSD, "prefix": "p1"}).status_code == 200
    assert WatchItem.objects.count() == 2000


@pytest.fixture
def mary(db: None) -> User:
    return staff(4, "Mary", SessionType.MANAGER, "manager")


def test_staff_write_a_list_by_right_and_audited(
    signed_in: Signed, alice: Account, mary: User, admin: User, eurusd: Symbol
) -> None:
    body = {**EURUSD, "login": alice.login, "sort_index": 5}
    for person in (mary, admin):
        client = signed_in(person)
        assert client.post("/market/watch", body).status_code == 200
        assert seen(client, login=alice.login) == {"web": (5, ""), "mobile": (5, "")}
        assert client.delete("/market/watch", body).status_code == 200
        made = Entry.objects.filter(staff=person, login=alice.login)
        assert set(made.values_list("action", flat=True)) == {"watch", "unwatch"}
        assert error_of(client.post("/market/watch", EURUSD)) == (400, "INVALID_LOGIN")


def test_staff_without_right_or_scope_write_no_list(
    signed_in: Signed, alice: Account, bob: Account, mary: User, carol: User, eurusd: Symbol
) -> None:
    body = {**EURUSD, "login": alice.login}
    mary.managed_groups = bob.group.name
    mary.save()
    for person in (mary, carol, bob):
        client = signed_in(person)
        for answer in (client.post("/market/watch", body), client.delete("/market/watch", body)):
            assert error_of(answer) == (403, "PERMISSION_DENIED")
    assert not WatchItem.objects.exists()
    assert not Entry.objects.exists()
