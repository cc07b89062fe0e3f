"""The SVG price chart: scale, lines and marks, and no script in it."""

import re
from xml.etree import ElementTree

from backoffice.widgets.price_chart import (
    AMBER,
    RED,
    ChartLevel,
    ChartLine,
    ChartMark,
    ChartPoint,
    draw_chart,
)

COURSE = ChartLine([ChartPoint(1000, 1.1), ChartPoint(2000, 1.2), ChartPoint(3000, 1.15)])


def svg(*args: object) -> ElementTree.Element:
    return ElementTree.fromstring(draw_chart("a title", *args))  # type: ignore[arg-type]  # as given


def test_time_runs_to_the_right_and_price_upwards() -> None:
    line = svg([COURSE], [], []).find("polyline")
    assert line is not None
    assert line.attrib["points"] == "0.0,176.0 320.0,24.0 640.0,100.0"


def test_levels_and_marks_widen_the_scale() -> None:
    mark, level = ChartMark("fill", ChartPoint(5000, 1.0)), ChartLevel("stop 1.3", 1.3, RED)
    found = svg([COURSE], [level], [mark])
    circle, dashes = found.find("circle"), found.find("line")
    assert circle is not None
    assert dashes is not None
    assert (circle.attrib["cx"], circle.attrib["cy"]) == ("640.0", "176.0")
    assert dashes.attrib["y1"] == dashes.attrib["y2"] == "24.0"
    words = [text.text for text in found.iter("text")]
    assert {"stop 1.3", "1.3", "1"} <= set(words)


def test_every_line_has_its_colour() -> None:
    other = ChartLine([ChartPoint(1000, 1.3)], AMBER)
    strokes = [line.attrib["stroke"] for line in svg([COURSE, other], [], []).iter("polyline")]
    assert strokes == ["currentColor", AMBER]


def test_a_single_point_is_drawn() -> None:
    assert svg([ChartLine([ChartPoint(1, 1.0)])], [], []).find("polyline") is not None


def test_names_are_escaped_as_text() -> None:
    bad = '<script>"&'
    words = draw_chart(bad, [COURSE], [ChartLevel(bad, 1.1)], [ChartMark(bad, ChartPoint(1, 1.1))])
    assert "<script" not in words
    assert not re.search(r"style=|\son\w+=|href", words)
    ElementTree.fromstring(words)
