"""The price around a firing, drawn for support."""

import re
from collections.abc import Callable
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from alerts.backoffice.firing_chart import draw_firing_chart
from alerts.evaluation.evaluate import evaluate_new_batches
from alerts.models import Alert, AlertLog
from core import redis
from market.enums import Resolution
from market.models import Candle
from tests.alerts.small_feed import START, Feed

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(feed: Feed, alert: Callable[..., Alert]) -> AlertLog:
    """Fired at the third of five quotes."""
    feed.publish(1.0)
    alert()
    feed.publish(1.05, 1.15, 1.12, 1.13)
    feed.publish(1.5, symbol="GBPUSD")
    evaluate_new_batches()
    return AlertLog.objects.get()


def svg_of(log: AlertLog) -> str:
    drawn = draw_firing_chart(log)
    assert drawn is not None
    return drawn.chart


def drawn(log: AlertLog) -> ElementTree.Element:
    return ElementTree.fromstring(svg_of(log))


def points(svg: ElementTree.Element) -> list[tuple[float, float]]:
    line = svg.find("polyline")
    assert line is not None
    pairs = line.attrib["points"].split()
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in pairs)]


def test_the_chart_shows_the_symbols_quotes_the_level_and_the_firing(log: AlertLog) -> None:
    svg = drawn(log)
    line = points(svg)
    assert len(line) == 5
    assert [y for _, y in line] == [176.0, 125.3, 24.0, 54.4, 44.3]
    dot, level = svg.find("circle"), svg.find("line")
    assert dot is not None
    assert level is not None
    assert (float(dot.attrib["cx"]), float(dot.attrib["cy"])) == line[2]
    assert float(level.attrib["y1"]) == pytest.approx(74.7, abs=0.1)
    assert {text.text for text in svg.iter("text")} >= {"1.15000", "1.00000"}


def test_the_chart_needs_no_script_or_style(log: AlertLog) -> None:
    words = svg_of(log)
    assert not re.search(r"<script|style=|<style|\son\w+=|href", words)
    log.symbol = '<script>"'
    Candle.objects.all().delete()
    assert "<script" not in str(draw_firing_chart(log))


def test_without_the_tick_log_the_chart_is_drawn_from_candles(log: AlertLog) -> None:
    redis.sync_client().flushall()
    assert draw_firing_chart(log) is None
    for minute in (-1, 0):
        Candle.objects.create(
            symbol_id="EURUSD", resolution=Resolution.MINUTE, open=Decimal("1.0"),
            high=Decimal("1.2"), low=Decimal("0.9"), close=Decimal("1.1"), volume=1,
            time=START // 60_000 * 60 + 60 * minute,
        )  # fmt: skip
    svg = drawn(log)
    assert len(points(svg)) == 8
    assert "candles" in (svg.attrib["aria-label"])
    assert {text.text for text in svg.iter("text")} >= {"1.20000", "0.90000"}


def test_a_single_quote_is_drawn(feed: Feed, alert: Callable[..., Alert]) -> None:
    alert(condition=2, target_price=1.2)
    feed.publish(1.3)
    evaluate_new_batches()
    log = AlertLog.objects.get()
    log.condition = 6
    assert len(points(drawn(log))) == 1
