"""Support explains to a client why an alert fired."""

import pytest

from tests.e2e.browser.conftest import Windows
from tests.e2e.running_platform import Platform
from tests.e2e.test_user_journey import alerts_around, fired

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def test_support_finds_the_quotes_behind_an_alert(platform: Platform, desks: Windows) -> None:
    alice = platform.sign_in(100001)
    with alice.stream() as stream:
        frame = stream.receive_until(fired(alerts_around(alice)), 90)[-1]
    support = desks.window_of("support")
    support.go(f"/admin/alerts/alertlog/?q={frame[1]}")  # the other alert may have fired since
    support.click("#result_list tbody a")
    assert support.element("svg.house-chart").size["width"] > 200
    target, triggered = frame[8], frame[15]
    assert {f"{target:.5f}", f"{triggered:.5f}"} <= set(support.text.split())
