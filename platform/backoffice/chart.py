"""Price charts as SVG, for pages that show why something happened.

Only attributes of shapes and a class of our style sheet, no script and no style, so any content
security policy permits it. `currentColor` is readable in light and dark.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.columns import utc
from core.json import plain
from core.money import exact

WIDTH, HEIGHT, MARGIN = 640, 200, 24
INK, RED, GREEN, BLUE, AMBER = "currentColor", "#dc2626", "#16a34a", "#3b82f6", "#d97706"
FRAME = """<svg class="house-chart" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img"
 aria-label="{title}" font-size="11" fill="currentColor"><title>{title}</title>
{lines}{levels}{marks}<text x="4" y="{top}">{high}</text><text x="4" y="{bottom}">{low}</text>
<text x="{w}" y="{bottom}" text-anchor="end">{times}</text></svg>"""
LINE = '<polyline points="{}" fill="none" stroke="{}" stroke-width="1.5"/>'
LEVEL = """<line x1="0" x2="{w}" y1="{y}" y2="{y}" stroke="{colour}" stroke-dasharray="4 3"/>
<text x="{w}" y="{above}" text-anchor="end" fill="{colour}">{name}</text>"""
MARK = '<circle cx="{}" cy="{}" r="4" fill="{}"><title>{}</title></circle>'


class Dot(NamedTuple):
    """A price at a time in unix ms."""

    time: int
    price: float


class Line(NamedTuple):
    """A price over time."""

    dots: Sequence[Dot]
    colour: str = INK


class Level(NamedTuple):
    """A named price, drawn as a horizontal line."""

    name: str
    price: float
    colour: str = BLUE


class Mark(NamedTuple):
    """A named point, such as an execution."""

    name: str
    dot: Dot
    colour: str = RED


class Scale:
    """The mapping of time and price to coordinates; all that is drawn fits in."""

    def __init__(
        self, lines: Sequence[Line], levels: Sequence[Level], marks: Sequence[Mark]
    ) -> None:
        dots = [dot for line in lines for dot in line.dots] + [mark.dot for mark in marks]
        prices = [dot.price for dot in dots] + [level.price for level in levels]
        times = [dot.time for dot in dots]
        self.low, self.high = min(prices), max(prices)
        self.begin, self.end = min(times), max(times)

    def x(self, time: int) -> str:
        """Return the coordinate of a time in unix ms, from the left."""
        return f"{(time - self.begin) / ((self.end - self.begin) or 1) * WIDTH:.1f}"

    def y(self, price: float, above: float = 0) -> str:
        """Return the coordinate of a price, from the top; `above` lifts it by so many units."""
        up = (price - self.low) / ((self.high - self.low) or 1)
        return f"{HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN) - above:.1f}"


def drawn(
    title: str, lines: Sequence[Line], levels: Sequence[Level], marks: Sequence[Mark]
) -> SafeString:
    """Return the chart as SVG.

    Raises:
        ValueError: no point and no mark to draw.
    """
    scale = Scale(lines, levels, marks)
    return format_html(
        FRAME, w=WIDTH, h=HEIGHT, title=title, top=MARGIN - 8, bottom=HEIGHT - 6,
        lines=format_html_join("", LINE, _courses(scale, lines)),
        levels=format_html_join("", LEVEL, _levels(scale, levels)),
        marks=format_html_join("", MARK, _marks(scale, marks)),
        high=plain(exact(scale.high)), low=plain(exact(scale.low)),
        times=f"{utc(scale.begin // 1000)} to {utc(scale.end // 1000)}",
    )  # fmt: skip


def _courses(scale: Scale, lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    for line in lines:
        places = (f"{scale.x(dot.time)},{scale.y(dot.price)}" for dot in line.dots)
        yield " ".join(places), line.colour


def _levels(scale: Scale, levels: Sequence[Level]) -> Iterator[dict[str, object]]:
    for name, price, colour in levels:
        yield {
            "w": WIDTH, "y": scale.y(price), "above": scale.y(price, 4), "colour": colour,
            "name": name,
        }  # fmt: skip


def _marks(scale: Scale, marks: Sequence[Mark]) -> Iterator[tuple[str, str, str, str]]:
    for name, dot, colour in marks:
        yield scale.x(dot.time), scale.y(dot.price), colour, name
