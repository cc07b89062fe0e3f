"""A client's statement as PDF."""

from pathlib import Path

from django.conf import settings
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from core.clock import now, utc_text
from trading.backoffice.reports.statement_fonts import fonts_for
from trading.backoffice.reports.statement_tables import (
    StatementTable,
    statement_tables,
    summary_figures,
)
from trading.reports.account_statement import AccountStatement

FONTS = Path(__file__).with_name("fonts")
FAMILY = "dejavu"
STYLES = {"": "DejaVuSansCondensed.ttf", "B": "DejaVuSansCondensed-Bold.ttf"}
SIZE, SMALL, LARGE = 8, 7, 15  # points
LINE = 4.6  # millimetres
MARGIN = 12
GREY = 110


class StatementDocument(FPDF):
    """A landscape page with a line at its foot: whose statement it is, and the page's number.

    `letters` are all that it is about to show: fonts for those that the own one does not have are
    added.
    """

    def __init__(self, foot: str, letters: set[str]) -> None:
        super().__init__(orientation="landscape", format="A4")
        self.foot = foot
        for style, file in STYLES.items():
            self.add_font(FAMILY, style, FONTS / file)
        font = self.fonts[FAMILY]
        self.own_letters = set(map(chr, font.cmap)) if isinstance(font, TTFFont) else set()
        self.glyphs = set(self.own_letters)
        self._add_further_fonts(letters - self.own_letters)
        self.set_margin(MARGIN)
        self.set_auto_page_break(auto=True, margin=MARGIN + LINE)

    def _add_further_fonts(self, letters: set[str]) -> None:
        families: list[str] = []
        for path, has in fonts_for(letters):
            families.append(f"further{len(families)}")
            self.add_font(families[-1], "", path)
            self.glyphs |= has
        self.set_fallback_fonts(families, exact_match=False)

    def printable(self, text: str) -> str:
        """Return the text with a question mark for what no font can show."""
        return "".join(character if character in self.glyphs else "?" for character in text)

    def write_text(self, width: float, text: str, align: str = "L") -> None:
        """Write a cell of any script; what is too long for it ends with an ellipsis."""
        text = self.printable(text)
        is_own = self.own_letters.issuperset(text)
        self.set_text_shaping(not is_own)
        self.cell(width, LINE, _fit(self, text, width - 2), align=align)
        self.set_text_shaping(False)
        if not is_own:  # the page is still set in the other font, which the library forgets
            size = self.font_size_pt
            self.set_font_size(size + 1)
            self.set_font_size(size)

    def footer(self) -> None:
        """Write the line; called by the library for each page."""
        self.set_y(-MARGIN)
        self.set_font(FAMILY, "", SMALL)
        self.set_text_color(GREY)
        self.cell(self.epw / 2, LINE, self.foot)
        self.cell(self.epw / 2, LINE, f"{self.page_no()} / {{nb}}", align="R")
        self.set_text_color(0)


def statement_pdf(statement: AccountStatement) -> bytes:
    """Return the document."""
    account, period = statement.account, statement.period
    title = f"Statement of account {account.login}, {period.first} to {period.last}"
    tables = statement_tables(statement)
    cells = (cell for table in tables for row in table.rows for cell in row)
    letters = set[str]().union(account.user.name, account.group.name, *cells)
    document = StatementDocument(f"{title}. Made {utc_text(now())} UTC.", letters)
    document.set_title(title)
    document.set_author(str(settings.SPECTACULAR_SETTINGS["TITLE"]))
    document.add_page()
    _write_head(document, statement)
    for table in tables:
        _write_table(document, table)
    return bytes(document.output())


def _write_head(document: StatementDocument, statement: AccountStatement) -> None:
    """Write whose statement it is, of which days, and how the balance moved."""
    account, period = statement.account, statement.period
    document.set_font(FAMILY, "B", LARGE)
    _write_line(document, "Account statement", 9)
    document.set_font(FAMILY, "", SIZE + 1)
    if account.user.name:  # apart, as it may be written from right to left
        document.write_text(document.epw, account.user.name)
        document.ln(5)
    document.write_text(document.epw, f"Account {account.login}, group {account.group.name}")
    document.ln(5)
    _write_line(
        document,
        f"{period.first} 00:00:00 to {period.last} 23:59:59 UTC, amounts in {statement.currency}",
    )
    document.ln(3)
    for label, value in summary_figures(statement):
        is_balance = label.endswith("balance") or label.startswith("Equity")
        document.set_font(FAMILY, "B" if is_balance else "", SIZE + 1)
        document.cell(70, LINE + 0.6, label)
        document.cell(40, LINE + 0.6, value, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _write_line(document: StatementDocument, text: str, height: float = 5) -> None:
    document.cell(document.epw, height, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _write_table(document: StatementDocument, table: StatementTable) -> None:
    """Write a table; its headings are repeated on each page."""
    document.ln(4)
    if document.will_page_break(4 * LINE):
        document.add_page()
    document.set_font(FAMILY, "B", SIZE + 2)
    _write_line(document, table.title, 6)
    document.set_font(FAMILY, "", SIZE)
    if not table.rows:
        _write_line(document, "None.")
        return
    widths = [document.epw * share / sum(table.shares) for share in table.shares]
    aligns = ["R" if header.startswith("#") else "L" for header in table.headers]
    _write_headings(document, table, widths, aligns)
    for row in table.rows:
        if document.will_page_break(LINE):
            document.add_page()
            _write_headings(document, table, widths, aligns)
        _write_cells(document, row, widths, aligns)


def _write_headings(
    document: StatementDocument, table: StatementTable, widths: list[float], aligns: list[str]
) -> None:
    document.set_font(FAMILY, "B", SMALL)
    headings = tuple(header.removeprefix("#") for header in table.headers)
    _write_cells(document, headings, widths, aligns)
    document.line(document.l_margin, document.y, document.l_margin + document.epw, document.y)
    document.set_font(FAMILY, "", SIZE)


def _write_cells(
    document: StatementDocument, row: tuple[str, ...], widths: list[float], aligns: list[str]
) -> None:
    """Write the cells of a row."""
    for text, width, align in zip(row, widths, aligns, strict=True):
        document.write_text(width, text, align)
    document.ln(LINE)


def _fit(document: StatementDocument, text: str, width: float) -> str:
    """Return the text, or as much of its beginning as fits into `width` millimetres."""
    if document.get_string_width(text) <= width:
        return text
    while text and document.get_string_width(f"{text}…") > width:
        text = text[:-1]
    return f"{text}…"
