"""Bar charts as SVG that fit any width: x in percent, y in pixels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

HEIGHT, LABELS_HEIGHT, HEADROOM = 150, 16, 18  # pixels: of the chart, below and above its bars
WHOLE_FROM = 1000  # values of the axis that have no decimals
MAX_LABELS = 7  # that fit side by side on the narrowest page


class Bar(NamedTuple):
    """A rectangle as SVG attributes, and its title."""

    x: str
    y: str
    width: str
    height: str
    series: int
    title: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars side by side at each label; a series is a name and one value for each label.

    Negative values hang from the line of zero.
    """

    kind: ClassVar[str] = "bars"
    title: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float]]]

    @property
    def maximum(self) -> float:
        """Return the value of the highest bar, 0 without any."""
        return max((value for _, values in self.series for value in values), default=0)

    @property
    def minimum(self) -> float:
        """Return the value of the lowest bar, 0 without any below it."""
        return min(0, *(value for _, values in self.series for value in values), 0)

    @property
    def scale(self) -> float:
        """Return the pixels of a unit."""
        height = HEIGHT - LABELS_HEIGHT - HEADROOM
        return height / ((max(self.maximum, 0) - self.minimum) or 1)

    @property
    def zero(self) -> float:
        """Return the line of zero, pixels from the top."""
        return HEIGHT - LABELS_HEIGHT + self.minimum * self.scale

    @property
    def zero_text(self) -> str:
        """Return the line of zero as SVG."""
        return f"{self.zero:.1f}".removesuffix(".0")

    @property
    def maximum_text(self) -> str:
        """Return the highest value, for the top of the chart."""
        if self.maximum >= WHOLE_FROM:
            return f"{self.maximum:,.0f}"
        return format_value(self.maximum) if self.maximum >= 1 else ""

    @property
    def bars(self) -> Iterator[Bar]:
        """Yield the bars, label by label."""
        zero, scale, step = self.zero, self.scale, 100 / len(self.labels)
        width = step * 0.8 / len(self.series)
        for index, label in enumerate(self.labels):
            for number, (name, values) in enumerate(self.series):
                x, height = (index + 0.1) * step + number * width, values[index] * scale
                yield Bar(
                    f"{x:.2f}%",
                    f"{zero - max(height, 0):.1f}",
                    f"{width:.2f}%",
                    f"{abs(height):.1f}",
                    number,
                    f"{label}, {name}: {format_value(values[index])}",
                )

    @property
    def axis_labels(self) -> Iterator[tuple[str, str, str]]:
        """Yield x, anchor and text of those labels that fit, the last one among them."""
        last, every = len(self.labels) - 1, -(-len(self.labels) // MAX_LABELS)
        for index in range(last % every, last, every):
            yield f"{(index + 0.5) / len(self.labels):.2%}", "middle", self.labels[index]
        yield "100%", "end", self.labels[last]  # which would be cut off in the middle


def format_value(value: float) -> str:
    """Format a bar's value with at most three decimals."""
    return f"{value:,.3f}".rstrip("0").removesuffix(".")
