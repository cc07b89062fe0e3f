"""The explain pages: text, figures, quotes and a chart for each fill and stop-out."""

from datetime import date
from xml.etree import ElementTree

import pytest
from django.test import Client

from accounts.models import Account, User
from core import redis
from core.clock import now
from market.enums import Resolution
from market.models import Candle, Symbol
from tests import factories
from tests.backoffice.fixtures import Browser
from tests.factories import D
from trading import services
from trading.enums import Cmd
from trading.models import Fill, MarginAction, Rollover, SwapCharge, Trade

pytestmark = pytest.mark.django_db


@pytest.fixture
def trade(alice: Account, eurusd: Symbol) -> Trade:
    """Opened and closed by stop levels' price, with quotes before, between and after."""
    for bid in (1.0995, 1.1):
        factories.quote("EURUSD", bid, round(bid + 0.0001, 5))
    trade = services.open_market(
        login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100, sl=D("1.0999"), tp=D("1.2")
    )
    for bid in (1.1002, 1.1003):
        factories.quote("EURUSD", bid, round(bid + 0.0001, 5))
    return services.close_position(login=100001, order=trade.order)


def page(client: Client, trade: Trade) -> str:
    answer = client.get(f"/admin/trading/trade/{trade.order}/explain/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def charts(words: str) -> list[ElementTree.Element]:
    return [
        ElementTree.fromstring("<svg" + part.partition("</svg>")[0] + "</svg>")
        for part in words.split("<svg")[1:]
        if 'house-chart"' in part
    ]


def test_every_fill_has_its_figures_quotes_and_rules_by_their_names(
    carol: User, trade: Trade, browser: Browser
) -> None:
    words = page(browser(carol), trade)
    for word in (
        "buy 1.00 EURUSD", "Opening of order", "Closing of order", "1.1001", "1.1003",
        "the larger leg",
        "a gain is sold, a loss is bought", "limits and take profits fill at their price",
        "8,889.90", "free margin", "Copy for the client", f"Order {trade.order}, account 100001",
    ):  # fmt: skip
        assert word in words, word
    assert "larger_leg" not in words


def test_every_fill_has_a_chart_of_bid_and_ask_with_its_price_and_near_levels(
    carol: User, trade: Trade, browser: Browser
) -> None:
    closing, opening = charts(page(browser(carol), trade))
    for chart, price in ((opening, "open at 1.10010"), (closing, "close at 1.10030")):
        bid, ask = chart.findall("polyline")
        assert len(bid.attrib["points"].split()) == len(ask.attrib["points"].split()) == 5
        mark = chart.find("circle/title")
        assert mark is not None
        assert mark.text == price
    labels = [text.text for text in opening.iter("text")]
    assert "stop loss 1.09990" in labels
    assert "take profit 1.20000" not in labels  # far away: it is named below the chart
    assert "take profit 1.20000" in page(browser(carol), trade)


def test_the_marker_is_at_the_fill_and_inside_the_chart(
    carol: User, trade: Trade, browser: Browser
) -> None:
    for chart in charts(page(browser(carol), trade)):
        circle = chart.find("circle")
        assert circle is not None
        x, y = float(circle.attrib["cx"]), float(circle.attrib["cy"])
        assert 0 <= x <= 640
        assert 24 <= y <= 176
        sides = [line.attrib["points"].split() for line in chart.findall("polyline")]
        assert f"{x},{y}" in {point for side in sides for point in side}


def test_without_quotes_candles_are_drawn(carol: User, trade: Trade, browser: Browser) -> None:
    own = Fill.objects.filter(trade=trade)
    for fill in own:
        fill.around = [fill.quote]
        fill.save()
    redis.sync_client().flushall()
    Candle.objects.create(
        symbol_id="EURUSD", resolution=Resolution.MINUTE, time=now() // 60 * 60, open="1.1",
        high="1.102", low="1.099", close="1.1003", volume=3,
    )  # fmt: skip
    words = page(browser(carol), trade)
    assert [len(chart.findall("polyline")) for chart in charts(words)] == [1, 1]
    assert "candles of a minute" in words


def test_swaps_partial_closes_and_corrections_are_shown(
    carol: User, alice: Account, eurusd: Symbol, dan: User, browser: Browser
) -> None:
    trade = services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    night = Rollover.objects.create(night=date(2026, 11, 20), moment=now())
    SwapCharge.objects.create(trade=trade, night=night, amount=D("-2.16"), terms={"type": 2})
    piece = services.close_position(login=100001, order=trade.order, volume=30)
    fixed = services.correct_entry(
        login=100001, order=piece.order, amount=D(5), reason="<spike>", staff=dan
    )
    client = browser(carol)
    words = page(client, trade)
    for word in ("2026-11-20", "-2.16", "yearly interest on the day&#x27;s mid"):
        assert word in words, word
    assert f'href="/admin/trading/trade/{piece.order}/change/"' in words
    words = page(client, piece)
    assert f'href="/admin/trading/trade/{fixed.order}/change/"' in words
    assert "&lt;spike&gt;" in words
    assert "<spike>" not in words
    assert "2 Dan" in page(client, fixed)


def test_a_stop_out_is_explained_with_its_quotes_and_rules(
    carol: User, stopped: MarginAction, browser: Browser
) -> None:
    client = browser(carol)
    answer = client.get(f"/admin/trading/marginaction/{stopped.pk}/explain/")
    words = answer.content.decode()
    for word in (
        "Stop-out of account 200001",
        "1.0945",
        "the largest loss",
        "percent of used margin",
    ):
        assert word in words, word
    level, prices = charts(words)
    assert level.attrib["aria-label"] == "margin level before the stop-out"
    assert prices.attrib["aria-label"] == "EURUSD around the stop-out"
    assert stopped.trade is not None
    assert "Stop-out of account 200001" in page(client, stopped.trade)


def test_trades_fills_and_margin_actions_link_to_the_explanation(
    carol: User, stopped: MarginAction, browser: Browser
) -> None:
    client, order = browser(carol), stopped.trade_id
    fill = Fill.objects.get(trade=order, kind="close")
    for address, link in (
        (f"trade/{order}", f"/admin/trading/trade/{order}/explain/"),
        (f"fill/{fill.pk}", f"/admin/trading/trade/{order}/explain/#fill-{fill.pk}"),
        (f"marginaction/{stopped.pk}", f"/admin/trading/marginaction/{stopped.pk}/explain/"),
        (f"marginaction/{stopped.pk}", f"/admin/trading/trade/{order}/explain/"),
    ):
        words = client.get(f"/admin/trading/{address}/change/").content.decode()
        assert f'href="{link}"' in words, address


def test_only_staff_who_may_see_the_trade_see_the_explanation(
    carol: User, trade: Trade, browser: Browser
) -> None:
    carol.groups.clear()
    address = f"/admin/trading/trade/{trade.order}/explain/"
    assert browser(carol).get(address).status_code == 403
    assert Client().get(address).status_code == 302
    assert browser(carol).get("/admin/trading/trade/999999/explain/").status_code == 404


def test_explanation_charts_have_no_script_or_style(
    carol: User, trade: Trade, browser: Browser
) -> None:
    for chart in charts(page(browser(carol), trade)):
        for shape in chart.iter():
            assert shape.tag in ("svg", "title", "polyline", "line", "circle", "text")
            assert not {"style", "onclick", "onload", "href"} & set(shape.attrib)
