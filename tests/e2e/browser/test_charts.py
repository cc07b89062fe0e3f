"""A page draws a chart from `/udf` with a charting library, signed in by the cookie."""

from pathlib import Path

import pytest

from tests.e2e.browser.conftest import Windows
from tests.e2e.browser.window import ALL_PICTURES, PASSWORD
from tests.e2e.running_platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
FOLDER = Path(__file__).with_name("charts")
SIGN_IN = """
return fetch("/sign/in", {method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({login: 100001, password: arguments[0]})}).then((answer) => answer.status)
"""
DRAW = """
document.body.innerHTML = '<div id="chart" style="width: 1200px; height: 600px"></div>';
return drawChart(document.getElementById("chart"), "EURUSD", "60", 500)
"""


def test_a_chart_is_drawn_from_the_feed(platform: Platform, desks: Windows) -> None:
    window = desks.window_of("charts").go("/")
    window.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
    window.go("/")
    assert window.run_script(SIGN_IN, PASSWORD) == 200
    scripts = [(FOLDER / name).read_text() for name in ("lightweight-charts.js", "chart.js")]
    drawn = window.run_script("\n".join([*scripts, DRAW]))
    assert drawn["bars"] > 500
    assert drawn["calls"] > 2  # the last one finds nothing before
    assert 0.9 < drawn["last"]["close"] / drawn["bid"] < 1.1
    assert len(window.driver.find_elements("css selector", "#chart canvas")) > 2
    if ALL_PICTURES:
        window.take_screenshot("udf-chart")
