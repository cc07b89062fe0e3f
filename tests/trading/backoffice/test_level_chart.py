"""The line of the margin level before a stop-out, computed anew and proved by what was stored."""

from xml.etree import ElementTree

import pytest

from accounts.models import Account
from backoffice.widgets.content import Folded, Table
from core import redis
from core.clock import now
from market.enums import Resolution
from market.models import Candle, GroupTerms
from tests import factories
from tests.trading.services.margin.margin_steps import move_price, open_position
from trading.backoffice.explanations.explain_report import margin_action_section
from trading.backoffice.explanations.level_chart import draw_level_chart
from trading.models import MarginAction

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(db: None) -> MarginAction:
    return stop_out(markup=0)


def stop_out(*, markup: int) -> MarginAction:
    """Return the first of two stop-outs: two positions in two symbols, one after the other."""
    opened = (now() - 600) * 1000
    client: Account = factories.client(200001, factories.group("margin"), "0")
    Account.objects.update(balance=5000)  # long ago: a deposit would change the level
    client.refresh_from_db()
    if markup:
        terms = {"symbols": "EUR*", "bid_markup": markup, "ask_markup": markup}
        GroupTerms.objects.create(group=client.group, **terms)
    for name, price in (("EURUSD", 1.1), ("GBPUSD", 1.3)):
        factories.symbol(name)
        factories.quote(name, price, price, time=opened)
    open_position(client, "EURUSD", 200)
    open_position(client, "GBPUSD", 200)
    for bid in (1.0995, 1.0980, 1.0965, 1.0800):
        move_price(client, "EURUSD", bid)
    return MarginAction.objects.filter(kind="stop_out").order_by("pk")[0]


def drawn(action: MarginAction) -> ElementTree.Element:
    chart = draw_level_chart(MarginAction.objects.get(pk=action.pk))
    assert chart is not None
    return ElementTree.fromstring(chart.chart)


def test_the_level_falls_to_the_threshold_that_is_drawn(action: MarginAction) -> None:
    svg = drawn(action)
    line = svg.find("polyline")
    assert line is not None
    heights = [float(point.split(",")[1]) for point in line.attrib["points"].split()]
    assert len(heights) >= 5
    assert heights == sorted(heights)  # it falls: the lower, the larger
    mark = svg.find("circle")
    assert mark is not None
    assert float(mark.attrib["cy"]) == heights[-1]
    assert "stop-out 50.00 %" in [text.text for text in svg.iter("text")]


def test_without_the_tick_log_it_is_drawn_from_candles(action: MarginAction) -> None:
    redis.sync_client().flushall()
    for name, price in (("EURUSD", "1.099"), ("GBPUSD", "1.3")):
        for ago in (900, 300):  # before the positions, and since
            Candle.objects.create(
                symbol_id=name, resolution=Resolution.MINUTE, time=now() // 60 * 60 - ago,
                open=price, high=price, low=price, close=price, volume=1,
            )  # fmt: skip
    line = drawn(action).find("polyline")
    assert line is not None
    assert len(line.attrib["points"].split()) == 9


def test_nothing_is_drawn_where_the_stored_level_does_not_come_out(action: MarginAction) -> None:
    action.before["level"] = "49.9"
    assert draw_level_chart(action) is None
    assert draw_level_chart(MarginAction(kind="recovery")) is None
    assert draw_level_chart(MarginAction(kind="stop_out")) is None


def test_with_a_mark_up_the_level_is_that_of_the_accounts_prices(db: None) -> None:
    action = stop_out(markup=30)
    assert action.seen is not None
    assert drawn(action).find("polyline") is not None
    folded = [one for one in margin_action_section(action).contents if isinstance(one, Folded)]
    (table,) = [one for one in folded[0].contents if isinstance(one, Table)]
    bids = {str(row[0]): (row[1], row[5]) for row in table.rows}
    assert bids["EURUSD"] == ("1.08000", "1.07970")
    assert bids["GBPUSD"] == ("1.30000", "1.30000")
