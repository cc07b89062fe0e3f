"""The audit's lists and pages, as staff read them."""

import re
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.contrib.auth.models import Group as Role
from django.db import connection
from django.test import Client

from accounts.enums import SessionType
from accounts.models import Account, User
from audit import recording
from audit.models import Entry, SignIn
from backoffice.audit_pages import distinct_values
from tests.conftest import staff

LIST, SIGN_INS = "/admin/audit/entry/", "/admin/audit/signin/"
DAY = 86_400_000


@pytest.fixture
def client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def entries(admin: User, alice: Account) -> dict[str, Entry]:
    """Three entries that differ in everything."""
    make = Entry.objects.create
    olga, dora = (staff(login, "", SessionType.DEALER) for login in (555, 777))
    return {
        "deposit": make(
            time=1_700_000_000_000,
            staff=olga,
            address="203.0.113.9",
            action="deposit",
            model="accounts.account",
            key="100001",
            label="100001",
            login=100001,
            reason="wire transfer 4711",
            before={"balance": "10.00", "group": "std", "note": None},
            after={"balance": "20.00", "group": "std", "amount": "10"},
        ),
        "symbol": make(
            time=1_700_000_000_000 + DAY,
            staff=dora,
            address="198.51.100.7",
            action="change",
            model="market.symbol",
            key="EURUSD",
            label="EURUSD",
            after={"digits": 4},
        ),
        "system": make(time=1_700_000_000_000 + 2 * DAY, action="reset", model="accounts.user"),
    }


def shown(client: Client, path: str) -> set[Any]:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return {row.action for row in answer.context["cl"].result_list}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"deposit", "change", "reset"}),
        ("q=555", {"deposit"}),  # the staff's login
        ("q=777", {"change"}),
        ("q=100001", {"deposit"}),
        ("q=depos", {"deposit"}),
        ("q=wire+transfer", {"deposit"}),
        ("q=transfer+EURUSD", set()),
        ("q=eurusd", {"change"}),
        ("q=203.0.113.9", {"deposit"}),
        ("q=market.symbol", {"change"}),
        ("action=change", {"change"}),
        ("model=accounts.user", {"reset"}),
        ("action=change&model=accounts.user", set()),
        ("time_from_0=2023-11-15&time_to_0=2023-11-15", {"change"}),
    ],
)
def test_entries_are_searched_and_filtered(
    client: Client, entries: dict[str, Entry], query: str, found: set[str]
) -> None:
    assert shown(client, f"{LIST}?{query}") == found


def test_filters_offer_the_stored_values(client: Client, entries: dict[str, Entry]) -> None:
    assert distinct_values.list_values("action") == ["change", "deposit", "reset"]
    assert distinct_values.list_values("model") == [
        "accounts.account",
        "accounts.user",
        "market.symbol",
    ]
    page = client.get(LIST).content.decode()
    assert 'value="market.symbol"' in page


def test_without_entries_the_filters_offer_nothing(db: None) -> None:
    assert distinct_values.list_values("action") == []


def test_the_filters_values_are_read_by_index(entries: dict[str, Entry]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + distinct_values.DISTINCT_VALUES.format(column="action"))
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" not in plan, plan
    assert "audit_by_action" in plan


def test_the_page_shows_each_field_before_and_after(
    client: Client, entries: dict[str, Entry]
) -> None:
    page = client.get(f"{LIST}{entries['deposit'].pk}/change/").content.decode()
    cells = re.findall(
        r'<tr class="(\w+)"><th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td>', page
    )
    assert cells == [
        ("changed", "amount", "–", "10"),
        ("changed", "balance", "10.00", "20.00"),
        ("same", "group", "std", "std"),
        ("changed", "note", "–", "–"),
    ]
    assert "wire transfer 4711" in page


def test_the_list_says_what_was_done_to_what_in_words(
    client: Client, entries: dict[str, Entry]
) -> None:
    rows = re.findall(r'<tr id="row-\d+">(.*?)</tr>', client.get(LIST).content.decode())
    words = [re.sub(r"<[^>]*>", "|", row) for row in rows]
    for word in ("|Deposit|", "|Account|", "|amount 10, balance 10.00 → 20.00|"):
        assert word in words[2]
    for word in ("|Change|", "|Symbol|", "|digits 4|"):
        assert word in words[1]
    SignIn.objects.create(time=1, login=3, door="admin", outcome="USER_NOT_FOUND_OR_INCORRECT")
    assert ">wrong login or password<" in client.get(SIGN_INS).content.decode()


def test_stored_text_is_escaped_in_html(client: Client, db: None) -> None:
    evil = "<script>alert(1)</script>"
    entry = recording.record_entry(
        None, "x", reason=evil, before={evil: evil}, after={evil: [evil, {}]}
    )
    for path in (LIST, f"{LIST}{entry.pk}/change/"):
        page = client.get(path).content.decode()
        assert evil not in page
        assert "&lt;script&gt;alert" in page


@pytest.fixture
def limited(alice: Account, bob: Account) -> Client:
    """A manager who sees the groups std-* alone: Bob's, not Alice's."""
    manager = staff(7, "Mary", SessionType.MANAGER, "manager")
    User.objects.filter(pk=7).update(managed_groups="std-*")
    client = Client()
    client.force_login(manager)
    return client


def test_a_scoped_manager_sees_only_entries_of_its_groups(limited: Client) -> None:
    mine, other, nobodys = (
        Entry.objects.create(time=1, action=name, model="accounts.account", login=login)
        for name, login in (("mine", 100002), ("other", 100001), ("nobodys", None))
    )
    assert shown(limited, LIST) == {"mine"}
    assert shown(limited, f"{LIST}?q=100001") == set()
    assert limited.get(f"{LIST}{mine.pk}/change/").status_code == 200
    for hidden in (other, nobodys):
        assert limited.get(f"{LIST}{hidden.pk}/change/").status_code == 302


def test_a_scoped_manager_sees_only_sign_ins_of_its_groups(limited: Client) -> None:
    rows = [
        SignIn.objects.create(time=1, login=login, door="api", outcome="OK")
        for login in (100002, 100001, 1)
    ]
    found = limited.get(SIGN_INS).context["cl"].result_list
    assert [row.login for row in found] == [100002]
    assert limited.get(f"{SIGN_INS}{rows[1].pk}/change/").status_code == 302


@pytest.mark.parametrize(
    ("query", "logins"),
    [
        ("", {3, 4711, 100001}),
        ("q=4711", {4711}),
        ("q=terminal", {100001}),
        ("q=10.0.0.1", {3}),
        ("q=wrong_code", {3}),
        ("came=in", {100001}),
        ("came=not", {3, 4711}),
        ("door__exact=admin", {3}),
        ("login=3", {3}),
    ],
)
def test_sign_ins_are_searched_and_filtered(client: Client, query: str, logins: set[int]) -> None:
    make = SignIn.objects.create
    make(time=1, login=3, door="admin", outcome="WRONG_CODE", address="10.0.0.1")
    make(time=2, login=4711, door="api", outcome="USER_NOT_FOUND_OR_INCORRECT")
    make(time=3, login=100001, door="api", outcome="OK", agent="Terminal/7")
    found = client.get(f"{SIGN_INS}?{query}").context["cl"].result_list
    assert {row.login for row in found} == logins


MODELS = sorted(django_admin.site._registry, key=lambda model: model._meta.label)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_the_history_of_a_row_is_its_entries(client: Client, model: Any) -> None:
    meta = model._meta
    for key, action in (("7", "mine"), ("8", "anothers")):
        Entry.objects.create(time=1, action=action, model=meta.label_lower, key=key)
    Entry.objects.create(time=1, action="elsewhere", model="other.model", key="7")
    page = f"/admin/{meta.app_label}/{meta.model_name}/7/history/"
    assert shown(client, client.get(page)["Location"]) == {"mine"}


def panel(page: str, title: str) -> str:
    found = re.search(rf'<section[^>]*aria-label="{title}">(.*?)</section>', page, re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("path", ["account", "user"])
def test_the_pages_of_a_login_have_its_latest_sign_ins_and_changes(
    client: Client, alice: Account, bob: Account, path: str
) -> None:
    for number in range(12):
        address = f"10.0.0.{number}"
        SignIn.objects.create(time=1, login=100001, door="api", outcome="OK", address=address)
        Entry.objects.create(time=1, action="deposit", login=100001, reason=f"because-{number}.")
    SignIn.objects.create(time=1, login=100002, door="api", outcome="OK", address="10.9.9.9")
    page = client.get(f"/admin/accounts/{path}/100001/change/").content.decode()
    sign_ins, changes = panel(page, "Sign-ins"), panel(page, "Audit")
    assert re.findall(r"10\.0\.0\.(\d+)", sign_ins) == [str(n) for n in range(11, 1, -1)]
    assert re.findall(r"because-(\d+)\.", changes) == [str(n) for n in range(11, 1, -1)]
    assert "10.9.9.9" not in page
    assert f"{SIGN_INS}?login=100001" in sign_ins
    assert shown(client, f"{LIST}?login=100001") == {"deposit"}


def test_without_the_permission_the_audit_panels_are_hidden(alice: Account, carol: User) -> None:
    client = Client()
    client.force_login(carol)
    assert not Role.objects.get(name="support").permissions.filter(codename="view_entry").exists()
    page = client.get("/admin/accounts/account/100001/change/").content.decode()
    assert panel(page, "Sign-ins") == panel(page, "Audit") == ""
