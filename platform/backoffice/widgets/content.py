"""What panels, tiles and reports are made of: tables, figures, charts, verdicts and notes.

Numbers are formatted by who builds them. `content.html` renders every kind, for all pages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from backoffice.widgets.bar_chart import BarChart

SHARE_WIDTH = 60  # pixels of a cell's bar
ShareBar = dict[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """A value that is more than its text.

    The tone is "", "good", "warn" or "bad"; the share, -1 to 1, is a bar from the middle.
    """

    text: object
    url: str = ""
    tone: str = ""
    share: float = 0.0

    def __str__(self) -> str:
        return str(self.text)

    @property
    def share_bar(self) -> ShareBar | None:
        """Return x, width and series of the bar that shows the share, None without one."""
        if not self.share:
            return None
        middle = SHARE_WIDTH / 2
        width = max(1.0, abs(self.share) * (middle - 1))
        x = middle - width if self.share < 0 else middle
        return {"x": f"{x:.1f}", "width": f"{width:.1f}", "series": str(int(self.share < 0))}


class Link(Cell):
    """A cell that leads to a page, or a link outside of a table."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, and rows of texts and `Cell`s; `more` is a link to the whole list.

    A heading that begins with `#` is that of a column of numbers. `empty` is displayed without
    rows.
    """

    kind: ClassVar[str] = "table"
    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    more: Link | None = None
    note: str = ""
    title: str = ""
    empty: str = "None."

    @property
    def columns(self) -> Iterator[tuple[str, str]]:
        """Yield each heading with its CSS class."""
        for header in self.headers:
            yield header.removeprefix("#"), "number" if header.startswith("#") else ""

    @property
    def lines(self) -> Iterator[list[tuple[str, str, str, ShareBar | None]]]:
        """Yield text, CSS classes, URL and bar of the cells of each row.

        In tuples, as templates are slow to find that a text has no such attribute.
        """
        kinds = [css_class for _, css_class in self.columns]
        for row in self.rows:
            cells = [cell if isinstance(cell, Cell) else Cell(cell) for cell in row]
            yield [
                (str(cell), f"{kind} {cell.tone}".strip(), cell.url, cell.share_bar)
                for cell, kind in zip(cells, kinds, strict=True)
            ]


@dataclass(frozen=True, slots=True)
class FigureList:
    """Labelled values: texts and `Cell`s."""

    kind: ClassVar[str] = "figures"
    figures: Sequence[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Note:
    """A line of text with a tone like that of a `Cell`."""

    kind: ClassVar[str] = "note"
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class CaptionedChart:
    """A chart as SVG, and a caption that says what its lines are."""

    kind: ClassVar[str] = "chart"
    chart: str
    caption: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Sentences that answer a page's question, and a text for the client, which a button copies."""

    kind: ClassVar[str] = "verdict"
    sentences: Sequence[str]
    client_text: str = ""


@dataclass(frozen=True, slots=True)
class Folded:
    """Contents below a title that unfolds them."""

    kind: ClassVar[str] = "folded"
    title: str
    contents: Sequence["Content"]


Content = Table | FigureList | Note | CaptionedChart | BarChart | Verdict | Folded


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of a report."""

    title: str
    contents: Sequence[Content]
    anchor: str = ""
