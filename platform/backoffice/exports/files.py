"""CSV and XLSX files of any number of rows, with only a few in memory."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain, islice
from tempfile import TemporaryFile

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from backoffice.exports.cells import ExportCell

ROWS_PER_CHUNK = 500  # rows of one chunk of CSV
CHUNK_BYTES = 64 * 1024  # bytes of one chunk of XLSX
MAX_SHEET_ROWS = 1_048_576  # that a sheet holds, with its headings
MAX_TEXT_LENGTH = 32_767  # that a cell holds
INEXACT_FROM = 10**15  # from here on a spreadsheet's numbers are not exact
WORKBOOK_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": True,
}


def csv_chunks(titles: list[str], rows: Iterable[list[ExportCell]]) -> Iterator[bytes]:
    """Yield the file, some rows at a time; UTF-8."""
    lines: Iterator[Sequence[ExportCell]] = chain([titles], rows)
    while chunk := list(islice(lines, ROWS_PER_CHUNK)):
        text = StringIO()
        csv.writer(text).writerows(chunk)
        yield text.getvalue().encode()


def xlsx_chunks(titles: list[str], rows: Iterable[list[ExportCell]]) -> Iterator[bytes]:
    """Yield the file, which is written to disk first: its directory is at its end."""
    with TemporaryFile() as file:
        write_xlsx(file, titles, rows)
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def write_xlsx(file: object, titles: list[str], rows: Iterable[list[ExportCell]]) -> None:
    """Write the workbook; what does not fit into a sheet goes on in the next one."""
    remaining, more = iter(rows), True
    with Workbook(file, WORKBOOK_OPTIONS) as book:
        bold = book.add_format({"bold": True})
        while more:
            sheet = book.add_worksheet()
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, max(0, len(titles) - 1), 16)
            sheet.write_row(0, 0, titles, bold)
            count = 0
            for count, cells in enumerate(islice(remaining, MAX_SHEET_ROWS - 1), 1):
                for column, cell in enumerate(cells):
                    _write_cell(sheet, count, column, cell)
            more = count == MAX_SHEET_ROWS - 1


def _write_cell(sheet: Worksheet, row: int, column: int, cell: ExportCell) -> None:
    if cell is None:
        return
    if isinstance(cell, str):
        sheet.write_string(row, column, cell[:MAX_TEXT_LENGTH])
    elif -INEXACT_FROM < cell < INEXACT_FROM:
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, str(cell))
