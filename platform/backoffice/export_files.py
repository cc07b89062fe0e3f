"""CSV and XLSX files of any number of rows, with only a few in memory."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any

from xlsxwriter import Workbook

from backoffice.cells import Cell

AT_ONCE = 500  # rows of one chunk of CSV
BLOCK = 64 * 1024  # bytes of one chunk of XLSX
SHEET_ROWS = 1_048_576  # that a sheet holds, with its headings
LONGEST_TEXT = 32_767  # that a cell holds
MOST_DIGITS = 10**15  # from here on a spreadsheet's numbers are not exact
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": True,
}


def csv_parts(titles: list[str], rows: Iterable[list[Cell]]) -> Iterator[bytes]:
    """Yield the file, some rows at a time; UTF-8."""
    lines: Iterator[Sequence[Cell]] = chain([titles], rows)
    while part := list(islice(lines, AT_ONCE)):
        text = StringIO()
        csv.writer(text).writerows(part)
        yield text.getvalue().encode()


def xlsx_parts(titles: list[str], rows: Iterable[list[Cell]]) -> Iterator[bytes]:
    """Yield the file, which is written to disk first: its directory is at its end."""
    with TemporaryFile() as file:
        write_xlsx(file, titles, rows)
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def write_xlsx(file: Any, titles: list[str], rows: Iterable[list[Cell]]) -> None:
    """Write the workbook; what does not fit into a sheet goes on in the next one."""
    remaining, more = iter(rows), True
    with Workbook(file, OPTIONS) as book:
        bold = book.add_format({"bold": True})
        while more:
            sheet = book.add_worksheet()
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, max(0, len(titles) - 1), 16)
            sheet.write_row(0, 0, titles, bold)
            count = 0
            for count, cells in enumerate(islice(remaining, SHEET_ROWS - 1), 1):
                for place, cell in enumerate(cells):
                    _write(sheet, count, place, cell)
            more = count == SHEET_ROWS - 1


def _write(sheet: Any, row: int, place: int, cell: Cell) -> None:
    if cell is None:
        return
    if isinstance(cell, str):
        sheet.write_string(row, place, cell[:LONGEST_TEXT])
    elif -MOST_DIGITS < cell < MOST_DIGITS:
        sheet.write_number(row, place, cell)
    else:
        sheet.write_string(row, place, str(cell))
