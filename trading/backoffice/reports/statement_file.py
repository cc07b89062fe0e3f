"""A client's statement as a file: its kinds, its name and its content."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Account
from backoffice.exports.files import csv_chunks
from core.errors import Refused
from trading.backoffice.reports.statement_csv import TITLES, statement_rows
from trading.reports.account_statement import AccountStatement, count_rows, read_statement
from trading.reports.broker_result import Period

MAX_PDF_ROWS = 3000  # posted rows: a hundred pages, some seconds


class TooLong(Refused):
    """A statement with more rows than a PDF is made of."""

    default = f"more than {MAX_PDF_ROWS:,} rows: choose fewer days, or CSV"


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A statement as it is downloaded or sent."""

    name: str
    content_type: str
    content: bytes
    statement: AccountStatement


def _csv_content(statement: AccountStatement) -> bytes:
    return b"".join(csv_chunks(TITLES, statement_rows(statement)))


def _pdf_content(statement: AccountStatement) -> bytes:
    # The library takes 20 MB and half a second: of processes that make a PDF alone.
    from trading.backoffice.reports.statement_pdf import statement_pdf

    return statement_pdf(statement)


FILE_KINDS: dict[str, tuple[str, Callable[[AccountStatement], bytes]]] = {
    "pdf": ("application/pdf", _pdf_content),
    "csv": ("text/csv; charset=utf-8", _csv_content),
}


def is_too_long(account: Account, period: Period) -> bool:
    """Return whether the statement has more rows than a PDF is made of."""
    return count_rows(account, period) > MAX_PDF_ROWS


def make_file(account: Account, period: Period, kind: str) -> StatementFile:
    """Return the statement as a file of one of FILE_KINDS.

    Raises:
        TooLong: it has too many rows for a PDF.
    """
    if kind == "pdf" and is_too_long(account, period):
        raise TooLong
    statement = read_statement(account, period)
    content_type, content_of = FILE_KINDS[kind]
    name = f"statement-{account.login}-{period.first}-{period.last}.{kind}"
    return StatementFile(name, content_type, content_of(statement), statement)


def usual_statement_periods(today: date) -> Iterator[tuple[str, Period]]:
    """Yield the periods that clients ask for: this month, the one before, this year, the last."""
    month = today.replace(day=1)
    last_month = month - timedelta(1)
    yield "This month", Period(month, today)
    yield f"{last_month:%B %Y}", Period(last_month.replace(day=1), last_month)
    yield "This year", Period(today.replace(month=1, day=1), today)
    last_year = today.year - 1
    yield str(last_year), Period(date(last_year, 1, 1), date(last_year, 12, 31))
