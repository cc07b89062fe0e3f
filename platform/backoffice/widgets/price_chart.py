"""Price charts as SVG, for pages that show why something happened.

Only attributes of shapes and a class of our style sheet, no script and no style, so any content
security policy permits it. `currentColor` is readable in light and dark.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.columns import format_utc
from core.json import plain_digits
from core.money import exact_decimal

WIDTH, HEIGHT, MARGIN = 640, 200, 24
NEAR_SPANS = 2  # times the span of the prices
INK, RED, GREEN, BLUE, AMBER = "currentColor", "#dc2626", "#16a34a", "#3b82f6", "#d97706"
FRAME_SVG = """<svg class="house-chart" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img"
 aria-label="{title}" font-size="11" fill="currentColor"><title>{title}</title>
{lines}{levels}{marks}<text x="4" y="{top}">{high}</text><text x="4" y="{bottom}">{low}</text>
<text x="{w}" y="{bottom}" text-anchor="end">{times}</text></svg>"""
LINE_SVG = '<polyline points="{}" fill="none" stroke="{}" stroke-width="1.5"/>'
LEVEL_SVG = """<line x1="0" x2="{w}" y1="{y}" y2="{y}" stroke="{colour}" stroke-dasharray="4 3"/>
<text x="{w}" y="{above}" text-anchor="end" fill="{colour}">{name}</text>"""
MARK_SVG = '<circle cx="{}" cy="{}" r="4" fill="{}"><title>{}</title></circle>'


class ChartPoint(NamedTuple):
    """A price at a time in unix ms."""

    time: int
    price: float


class ChartLine(NamedTuple):
    """A price over time."""

    points: Sequence[ChartPoint]
    colour: str = INK


class ChartLevel(NamedTuple):
    """A named price, drawn as a horizontal line."""

    name: str
    price: float
    colour: str = BLUE


class ChartMark(NamedTuple):
    """A named point, such as an execution."""

    name: str
    point: ChartPoint
    colour: str = RED


class ChartScale:
    """The mapping of time and price to coordinates; all that is drawn fits in."""

    def __init__(
        self, lines: Sequence[ChartLine], levels: Sequence[ChartLevel], marks: Sequence[ChartMark]
    ) -> None:
        points = [dot for line in lines for dot in line.points] + [mark.point for mark in marks]
        prices = [dot.price for dot in points] + [level.price for level in levels]
        times = [dot.time for dot in points]
        self.low, self.high = min(prices), max(prices)
        self.begin, self.end = min(times), max(times)

    def x(self, time: int) -> str:
        """Return the coordinate of a time in unix ms, from the left."""
        return f"{(time - self.begin) / ((self.end - self.begin) or 1) * WIDTH:.1f}"

    def y(self, price: float, above: float = 0) -> str:
        """Return the coordinate of a price, from the top; `above` lifts it by so many units."""
        share = (price - self.low) / ((self.high - self.low) or 1)
        return f"{HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN) - above:.1f}"


def levels_in_view(
    levels: Sequence[ChartLevel],
    lines: Sequence[ChartLine],
    marks: Sequence[ChartMark],
    spans: int = NEAR_SPANS,
) -> list[ChartLevel]:
    """Return the levels up to `spans` times the prices' span away, which leave them readable."""
    prices = [mark.point.price for mark in marks]
    prices += [dot.price for line in lines for dot in line.points]
    low, high = min(prices), max(prices)
    room = spans * (high - low)
    return [level for level in levels if low - room <= level.price <= high + room]


def format_plain(value: float) -> str:
    """Format a value without trailing zeros."""
    return plain_digits(exact_decimal(value))


def draw_chart(
    title: str,
    lines: Sequence[ChartLine],
    levels: Sequence[ChartLevel],
    marks: Sequence[ChartMark],
    format_value: Callable[[float], str] = format_plain,
) -> SafeString:
    """Return the chart as SVG; `format_value` formats the highest and the lowest value.

    Raises:
        ValueError: no point and no mark to draw.
    """
    scale = ChartScale(lines, levels, marks)
    return format_html(
        FRAME_SVG,
        w=WIDTH,
        h=HEIGHT,
        title=title,
        top=MARGIN - 8,
        bottom=HEIGHT - 6,
        lines=format_html_join("", LINE_SVG, _line_attributes(scale, lines)),
        levels=format_html_join("", LEVEL_SVG, _level_attributes(scale, levels)),
        marks=format_html_join("", MARK_SVG, _mark_attributes(scale, marks)),
        high=format_value(scale.high),
        low=format_value(scale.low),
        times=f"{format_utc(scale.begin // 1000)} to {format_utc(scale.end // 1000)}",
    )


def _line_attributes(scale: ChartScale, lines: Sequence[ChartLine]) -> Iterator[tuple[str, str]]:
    for line in lines:
        coordinates = (f"{scale.x(dot.time)},{scale.y(dot.price)}" for dot in line.points)
        yield " ".join(coordinates), line.colour


def _level_attributes(
    scale: ChartScale, levels: Sequence[ChartLevel]
) -> Iterator[dict[str, object]]:
    for name, price, colour in levels:
        yield {
            "w": WIDTH,
            "y": scale.y(price),
            "above": scale.y(price, 4),
            "colour": colour,
            "name": name,
        }


def _mark_attributes(
    scale: ChartScale, marks: Sequence[ChartMark]
) -> Iterator[tuple[str, str, str, str]]:
    for name, point, colour in marks:
        yield scale.x(point.time), scale.y(point.price), colour, name
