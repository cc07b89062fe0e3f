"""A client's statement as page, CSV and PDF: for whom, and what is in them."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from accounts.models import Account, User
from audit.models import Entry
from tests.trading.reports.conftest import BusyDay, around_now
from trading.backoffice.reports import statement_file
from trading.backoffice.reports.statement_file import make_file
from trading.backoffice.reports.statement_pdf import FAMILY, StatementDocument
from trading.models import Trade
from trading.reports.account_statement import read_statement


def address(login: int, kind: str = "") -> str:
    if kind:
        return reverse("admin:trading_statement_file", args=[login, kind])
    return reverse("admin:trading_statement", args=[login])


def days() -> dict[str, str]:
    period = around_now()
    return {"first": str(period.first), "last": str(period.last)}


def account_of(login: int) -> Account:
    return Account.objects.select_related("group", "user").get(pk=login)


def test_the_file_leads_from_the_opening_to_the_closing_balance(
    busy_day: BusyDay, carol: User, client: Client
) -> None:
    client.force_login(carol)
    answer = client.get(address(100001, "csv"), days())
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    assert (rows[0]["Type"], rows[0]["Balance"]) == ("Opening balance", "0.00")
    assert (rows[-1]["Type"], rows[-1]["Balance"]) == ("Closing balance", "10439.75")
    assert rows[-1]["Credit"] == "60.00"
    by_type = {row["Type"]: row for row in rows}
    assert by_type["Buy"]["Lots"] in ("0.3", "0.7")
    assert (by_type["Buy"]["Open price"], by_type["Buy"]["Close price"]) == ("1.10010", "1.10000")
    assert by_type["Deposit, corrected"]["Amount"] == "-200.00"
    assert by_type["Swap"]["Amount"] == "-1.25"
    entry = Entry.objects.get(action="statement")
    assert (entry.login, entry.staff_id, entry.after["file"]) == (100001, carol.pk, "csv")


def test_the_page_shows_what_the_files_have(busy_day: BusyDay, carol: User, client: Client) -> None:
    client.force_login(carol)
    html = client.get(address(100001), days()).content.decode()
    for text in ("10,439.75", "Closing balance", "Payments and corrections", "Alice", "PDF"):
        assert text in html
    answer = client.get(address(100001), {"first": "2026-02-02", "last": "2026-02-01"})
    assert "This is before the first day." in answer.content.decode()


def test_the_accounts_page_leads_to_its_statements(
    busy_day: BusyDay, carol: User, client: Client
) -> None:
    client.force_login(carol)
    url = reverse("admin:accounts_account_change", args=[100001])
    assert address(100001) in client.get(url).content.decode()


def test_staff_of_other_groups_find_no_statement(
    busy_day: BusyDay, carol: User, client: Client
) -> None:
    User.objects.filter(pk=carol.pk).update(managed_groups="std-*")
    client.force_login(carol)
    statuses = {
        login: [client.get(address(login, kind), days()).status_code for kind in ("", "csv")]
        for login in (100001, 100002, 999, 2**62)
    }
    assert statuses == {100001: [404] * 2, 100002: [200] * 2, 999: [404] * 2, 2**62: [404] * 2}
    assert Entry.objects.filter(action="statement").count() == 1


@pytest.mark.parametrize(
    ("kind", "query"), [("docx", {}), ("csv", {"first": "2026-02-30"}), ("csv", {"last": "\0"})]
)
def test_a_statement_that_cannot_be_is_not_found(
    alice: Account, carol: User, client: Client, kind: str, query: dict[str, str]
) -> None:
    client.force_login(carol)
    assert client.get(address(100001, kind), query).status_code == 404


def test_a_pdf_has_a_bound(
    busy_day: BusyDay, carol: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_file, "MAX_PDF_ROWS", 3)
    with pytest.raises(statement_file.TooLong):
        make_file(account_of(100001), around_now(), "pdf")
    client.force_login(carol)
    assert client.get(address(100001, "pdf"), days()).status_code == 404


def test_a_pdf_is_made_of_any_names_and_comments(busy_day: BusyDay) -> None:
    User.objects.filter(pk=100001).update(name="Łukasz Müller Ελένη Анна 田中 \x07")
    account = account_of(100001)
    file = make_file(account, around_now(), "pdf")
    assert file.content.startswith(b"%PDF-")
    assert (file.content_type, file.name[-4:]) == ("application/pdf", ".pdf")
    assert file.statement == read_statement(account, around_now())


def test_a_comment_that_looks_like_a_formula_is_text(busy_day: BusyDay) -> None:
    Trade.objects.create(
        account_id=100001, cmd=6, state=3, open_time=busy_day.closed.close_time,
        close_time=busy_day.closed.close_time, profit=1, comment="=1+1",
    )  # fmt: skip
    assert b",'=1+1\r\n" in make_file(account_of(100001), around_now(), "csv").content


def test_a_name_in_another_script_is_written_in_the_brokers_font(
    busy_day: BusyDay, settings: Any, tmp_path: Path
) -> None:
    name = "אבג"
    User.objects.filter(pk=100001).update(name=name)
    glyphs = {".notdef": "", **{f"glyph{place}": letter for place, letter in enumerate(name)}}
    builder = FontBuilder(1000)
    builder.setupGlyphOrder([*glyphs])
    builder.setupCharacterMap({ord(letter): glyph for glyph, letter in glyphs.items() if letter})
    builder.setupGlyf({glyph: TTGlyphPen(None).glyph() for glyph in glyphs})
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (500, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "OfTheBroker", "psName": "OfTheBroker"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "broker.ttf")
    settings.STATEMENT_FONTS = [str(tmp_path / "broker.ttf")]
    account = account_of(100001)
    assert b"OfTheBroker" in make_file(account, around_now(), "pdf").content
    document = StatementDocument("", set(name))
    document.set_compression(False)
    document.add_page()
    document.set_font(FAMILY, "", 9)
    document.write_text(50, f"Bob {name} 田")
    document.write_text(50, "Bob")
    assert document.printable(f"Bob {name} 田") == f"Bob {name} ?"
    written = bytes(document.output())
    own, further = (written.index(b"/F%d 9.00 Tf" % number) for number in (1, 3))
    assert own < further < written.rindex(b"/F1 9.00 Tf")  # the own font is set again afterwards
    User.objects.filter(pk=100001).update(name="Bob")  # whose letters need no further font
    assert b"OfTheBroker" not in make_file(account_of(100001), around_now(), "pdf").content
