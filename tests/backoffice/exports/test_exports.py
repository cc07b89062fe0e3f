"""Exported lists: exactly the list's rows and columns, by permission, and audited."""

import csv
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib import admin as django_admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import Account, User
from audit.models import Entry
from market.models import Symbol
from tests.backoffice.fixtures import Browser
from trading.models import Trade

MODELS = sorted(django_admin.site._registry, key=lambda model: model._meta.label)
TRADES = "/admin/trading/trade/"


def rows(client: Client, url: str) -> list[list[str]]:
    answer: Any = client.get(url)
    assert answer.status_code == 200, url
    return list(csv.reader(StringIO(b"".join(answer.streaming_content).decode())))


def trade(account: Account, symbol: Symbol, **fields: Any) -> Trade:
    values = {"cmd": 0, "volume": 150, "open_time": 1_700_000_000, "open_price": "1.1001", **fields}
    return Trade.objects.create(account=account, symbol=symbol, **values)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.usefixtures("everything", "no_menu")
def test_every_list_can_be_exported(model: type[Model], admin: User, client: Client) -> None:
    client.force_login(admin)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    page = client.get(reverse(f"{name}_changelist"))
    assert page.context["cl"].result_count
    contents = {}
    for kind in ("xlsx", "csv"):  # an export is an audit entry, which the next one holds
        assert f'href="export/{kind}/"' in page.content.decode()
        answer: Any = client.get(reverse(f"{name}_export", args=[kind]))
        assert answer.status_code == 200
        assert f"-{model._meta.model_name}" in "-" + answer["Content-Disposition"].split('"')[1]
        contents[kind] = b"".join(answer.streaming_content)
    lines = list(csv.reader(StringIO(contents["csv"].decode())))
    assert len(lines) - 1 == model._default_manager.count()
    assert len({len(line) for line in lines}) == 1
    assert "xl/worksheets/sheet1.xml" in ZipFile(BytesIO(contents["xlsx"])).namelist()


def test_the_file_has_the_rows_and_the_order_of_the_list(
    dan: User, alice: Account, bob: Account, eurusd: Symbol, browser: Browser
) -> None:
    mine = [trade(alice, eurusd, cmd=n % 2) for n in range(60)]
    trade(bob, eurusd)
    client = browser(dan)
    query = "?q=100001&cmd__exact=0&o=0"
    found = [row[0] for row in rows(client, f"{TRADES}export/csv/{query}&p=2")][1:]
    assert found == [str(one.order) for one in mine if one.cmd == 0]
    assert len(found) == 30
    link = client.get(TRADES + query).content.decode()
    assert 'href="export/csv/?q=100001&amp;cmd__exact=0&amp;o=0"' in link


def test_numbers_are_numbers_and_times_are_utc(
    dan: User, alice: Account, eurusd: Symbol, browser: Browser
) -> None:
    trade(alice, eurusd, state=3, close_time=1_700_000_060, close_price="1.2", profit="-1234.5")
    heads, line, *_ = rows(browser(dan), f"{TRADES}export/csv/")
    cells = dict(zip(heads, line, strict=True))
    assert cells["Login"] == "100001"
    assert (cells["Type"], cells["State"]) == ("buy", "closed")
    assert cells["Lots"] == "1.5"
    assert cells["Opened (UTC)"] == "2023-11-14 22:13:20"
    assert (cells["Open"], cells["Now/close"]) == ("1.10010", "1.20000")
    assert cells["Profit"] == "-1234.50"
    assert [cells[title] for title in ("Client", "Group", "Currency")] == [
        "Alice", "demo-usd", "USD",
    ]  # fmt: skip
    assert cells["SL"] == ""


def test_exported_text_cannot_become_a_formula(
    admin: User, alice: Account, browser: Browser
) -> None:
    for bad in ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "\n=1", "\uff1d1", "\uff20A"):
        User.objects.filter(pk=alice.pk).update(name=bad)
        found = rows(browser(admin), f"/admin/accounts/user/export/csv/?q={alice.pk}")
        assert found[1][1] == f"'{bad}"


@pytest.mark.parametrize(
    ("who", "may"), [("admin", True), ("dan", True), ("carol", False), ("alice", False)]
)
def test_support_sees_lists_but_cannot_export_them(
    request: pytest.FixtureRequest, browser: Browser, who: str, may: bool
) -> None:
    client = Client()
    person: Any = request.getfixturevalue(who)
    client.force_login(getattr(person, "user", person))
    answer = client.get(f"{TRADES}export/csv/")
    assert answer.status_code == (200 if may else 302 if who == "alice" else 403)
    assert Entry.objects.filter(action="export").exists() is may
    page = client.get(TRADES)
    assert (b"export/csv" in page.content) is may


def test_a_list_without_view_permission_cannot_be_exported(dan: User, browser: Browser) -> None:
    assert browser(dan).get("/admin/alerts/alertlog/export/csv/").status_code == 403


def test_a_scoped_manager_exports_only_its_groups(
    admin: User, dan: User, alice: Account, bob: Account, eurusd: Symbol, browser: Browser
) -> None:
    User.objects.filter(pk=dan.pk).update(managed_groups="std-*")
    trade(alice, eurusd)
    trade(bob, eurusd)
    found = rows(browser(dan), f"{TRADES}export/csv/")[1:]
    assert {line[1] for line in found} == {"100002"}
    assert rows(browser(dan), f"{TRADES}export/csv/?q=100001")[1:] == []


def test_an_export_is_audited(dan: User, alice: Account, browser: Browser) -> None:
    rows(browser(dan), f"{TRADES}export/csv/?q=100001&p=3")
    entry = Entry.objects.get(action="export")
    assert (entry.staff_id, entry.model) == (dan.pk, "trading.trade")
    assert entry.after == {"file": "csv", "query": {"q": ["100001"]}}
    assert entry.address


@pytest.mark.parametrize("kind", ["pdf", "csv2", "CSV"])
def test_unknown_export_formats_and_posts_are_404(dan: User, kind: str, browser: Browser) -> None:
    assert browser(dan).get(f"{TRADES}export/{kind}/").status_code == 404
    assert browser(dan).post(f"{TRADES}export/csv/").status_code == 404


def test_an_export_with_an_impossible_filter_is_404(dan: User, browser: Browser) -> None:
    client = browser(dan)
    assert client.get(f"{TRADES}export/csv/?nothing=1").status_code == 404
    assert client.get(f"{TRADES}export/csv/?cmd__exact=%00").status_code == 404
    assert not Entry.objects.filter(action="export").exists()
