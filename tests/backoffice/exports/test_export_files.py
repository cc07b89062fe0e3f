"""Export files: cells, sheets and memory."""

import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from django.utils.safestring import mark_safe

from backoffice.exports import cells, files
from backoffice.exports.cells import ExportCell

NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MANY = 300_000
MEGABYTES = 16


def sheet(content: bytes, number: int = 1) -> list[list[tuple[str, str]]]:
    """Of each cell its type and its text, as the file has them."""
    with ZipFile(BytesIO(content)) as file:
        root = ElementTree.fromstring(file.read(f"xl/worksheets/sheet{number}.xml"))
    return [
        [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row]
        for row in root.iter(f"{NS}row")
    ]


def test_a_workbook_keeps_numbers_and_runs_no_text() -> None:
    line: list[ExportCell] = [
        7,
        Decimal("-1.5"),
        2.25,
        "=1+1",
        10**16,
        None,
        "Müller",
        "http://x.test",
    ]
    content = b"".join(files.xlsx_chunks(["a"] * 8, [line]))
    assert sheet(content)[1] == [
        ("n", "7"), ("n", "-1.5"), ("n", "2.25"), ("inlineStr", "=1+1"),
        ("inlineStr", str(10**16)), ("inlineStr", "Müller"), ("inlineStr", "http://x.test"),
    ]  # fmt: skip
    with ZipFile(BytesIO(content)) as file:
        assert b"<f>" not in file.read("xl/worksheets/sheet1.xml")


def test_rows_beyond_a_sheet_continue_in_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(files, "MAX_SHEET_ROWS", 4)
    content = b"".join(files.xlsx_chunks(["n"], [[n] for n in range(7)]))
    sheets = [[row[0][1] for row in sheet(content, number)] for number in (1, 2, 3)]
    assert sheets == [["n", "0", "1", "2"], ["n", "3", "4", "5"], ["n", "6"]]
    assert b"".join(files.csv_chunks(["n"], [[n] for n in range(3)])) == b"n\r\n0\r\n1\r\n2\r\n"


def test_an_export_without_rows_has_the_headings() -> None:
    assert b"".join(files.csv_chunks(["a", "b"], [])) == b"a,b\r\n"
    assert sheet(b"".join(files.xlsx_chunks(["a"], []))) == [[("inlineStr", "a")]]


@pytest.mark.parametrize("parts_of", [files.csv_chunks, files.xlsx_chunks])
def test_exporting_300000_rows_takes_the_memory_of_a_few(parts_of: object) -> None:
    def lines() -> Iterator[list[ExportCell]]:
        for n in range(MANY):
            yield [n, "a text of some length that differs: " + str(n), 1.5]

    assert callable(parts_of)
    tracemalloc.start()
    size = sum(len(part) for part in parts_of(["a", "b", "c"], lines()))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 1_000_000
    assert most < MEGABYTES * 2**20


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, None),
        (True, "yes"),
        (Decimal("-5.10"), Decimal("-5.10")),
        ("–", None),
        ("-5", "'-5"),
        ("+44 20", "'+44 20"),
        (mark_safe('<a href="/x">A &amp; B</a>'), "A & B"),
        (mark_safe("<b>=1</b>"), "'=1"),
        (["a", 1], "a 1"),
    ],
)
def test_values_become_plain_cells(value: object, cell: ExportCell) -> None:
    assert cells.plain_cell(value) == cell
