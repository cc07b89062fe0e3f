"""Export files: cells, sheets and memory."""

import os
import subprocess
from decimal import Decimal
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from django.utils.safestring import mark_safe

from backoffice.exports import cells, files
from backoffice.exports.cells import ExportCell
from tests.runtime.process_helpers import PYTHON, ROOT

NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MANY = 60_000
KILOBYTES = 3 * 1024  # 50 bytes a row; it takes a few hundred in all
# Bytes of the file and by how many kilobytes a process has grown at most while it wrote it.
MEASURE = r"""
import re, sys
from pathlib import Path
from backoffice.exports import files

chunks_of = getattr(files, sys.argv[1])

def write(rows):
    lines = ([n, "a text of some length that differs: " + str(n), 1.5] for n in range(rows))
    return sum(len(chunk) for chunk in chunks_of(["a", "b", "c"], lines))

def most():  # getrusage would count the process that started this one
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1])

write(100)
before = most()
print(write(int(sys.argv[2])), most() - before)
"""


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


@pytest.mark.parametrize("chunks_of", ["csv_chunks", "xlsx_chunks"])
def test_exporting_many_rows_takes_the_memory_of_a_few(chunks_of: str) -> None:
    done = subprocess.run(
        [PYTHON, "-c", MEASURE, chunks_of, str(MANY)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "platform")},
        capture_output=True,
        text=True,
        check=True,
    )
    size, kilobytes = map(int, done.stdout.split())
    assert size > 1_000_000
    assert kilobytes < KILOBYTES


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
