"""The admin page of the broker's result, and its files."""

import csv
from collections.abc import Callable
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import SessionType
from accounts.models import Group, User
from audit.models import Entry
from tests.conftest import staff
from tests.trading.reports.conftest import BusyDay, around_now


@pytest.fixture
def manager(db: None) -> User:
    return staff(50, "Mary", SessionType.MANAGER, "manager")


@pytest.fixture
def page(manager: User, client: Client) -> Callable[..., str]:
    """Return a function that reads the page as the manager sees it."""
    client.force_login(manager)

    def read(**query: str) -> str:
        answer = client.get(reverse("admin:trading_report"), {**days(), **query})
        assert answer.status_code == 200
        return answer.content.decode()

    return read


def days() -> dict[str, str]:
    period = around_now()
    return {"first": str(period.first), "last": str(period.last)}


@pytest.mark.parametrize(
    ("grouping", "row"), [("day", "10.25"), ("group", "demo-usd"), ("symbol", "EURUSD")]
)
def test_the_page_shows_the_result(
    busy_day: BusyDay, page: Callable[..., str], grouping: str, row: str
) -> None:
    html = page(grouping=grouping)
    assert row in html
    assert "Broker&#x27;s result, USD" in html
    assert "10,500.00" in html


def test_a_manager_of_some_groups_sees_these_alone(
    busy_day: BusyDay, page: Callable[..., str], manager: User
) -> None:
    User.objects.filter(pk=manager.pk).update(managed_groups="std-*")
    html = page(grouping="group")
    assert ("std-eur" in html, "demo-usd" in html) == (True, False)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"first": "2026-13-01"}, "Enter a valid date."),
        ({"first": "2026-02-02", "last": "2026-02-01"}, "This is before the first day."),
        ({"first": "2020-01-01", "last": "2026-02-01"}, "A report has at most 366 days."),
        ({"grouping": "weather"}, "Select a valid choice."),
        ({"first": "9999-12-31", "last": "9999-12-31"}, "Ensure this value"),
        ({"first": "\0"}, "Enter a valid date."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    page: Callable[..., str], query: dict[str, str], words: str
) -> None:
    html = page(**query)
    assert words in html
    assert "Total in" not in html


def test_files_have_the_rows_of_the_page_and_are_audited(
    busy_day: BusyDay, client: Client, manager: User
) -> None:
    client.force_login(manager)
    query = {**days(), "grouping": "group"}
    answer = client.get(reverse("admin:trading_report_export", args=["csv"]), query)
    rows = list(csv.DictReader(StringIO(answer.getvalue().decode())))
    assert [row["Account group"] for row in rows] == ["demo-usd", "std-eur"]
    usd = rows[0]
    assert (usd["Broker's result"], usd["Swap"], usd["Lots closed"]) == ("10.25", "-1.25", "1")
    assert (usd["Rate to USD"], usd["Broker's result in USD"]) == ("1.0", "10.25")
    entry = Entry.objects.get(action="export")
    assert (entry.model, entry.staff_id) == ("trading.report", manager.pk)
    assert entry.after["by"] == "group"
    book = client.get(reverse("admin:trading_report_export", args=["xlsx"]), query)
    assert b"demo-usd" in ZipFile(BytesIO(book.getvalue())).read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(
    ("kind", "query"), [("pdf", {}), ("csv", {"first": "2026-02-30"}), ("csv", {"grouping": "x"})]
)
def test_a_file_that_cannot_be_is_not_found(
    client: Client, manager: User, kind: str, query: dict[str, str]
) -> None:
    client.force_login(manager)
    assert client.get(reverse("admin:trading_report_export", args=[kind]), query).status_code == 404
    assert not Entry.objects.filter(action="export").exists()


def test_a_group_that_looks_like_a_formula_is_text(
    busy_day: BusyDay, client: Client, manager: User
) -> None:
    Group.objects.filter(name="demo-usd").update(name="=1+1")
    client.force_login(manager)
    url = reverse("admin:trading_report_export", args=["csv"])
    answer = client.get(url, {**days(), "grouping": "group"})
    assert "\r\n'=1+1," in answer.getvalue().decode()
