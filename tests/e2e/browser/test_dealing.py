"""A dealer trades for a client in the backoffice; colleagues' pages update."""

import re

import pytest

from tests.e2e.browser.conftest import Windows
from tests.e2e.browser.window import Window
from tests.e2e.running_platform import Platform
from tests.e2e.test_user_journey import is_frame

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

ALICE = "/admin/accounts/account/100001/change/"


def open_trade(dealer: Window, symbol: str, lots: str) -> int:
    """Open a trade through the form and its preview; return the order."""
    dealer.go(ALICE).act("Open a trade")
    dealer.fill(cmd=0, symbol=symbol, lots=lots, reason="asked by phone")
    dealer.submit()
    dealer.wait_for_text("Free margin")
    dealer.submit()
    found = re.fullmatch(r"/admin/trading/trade/(\d+)/change/", dealer.path)
    assert found, dealer.text
    return int(found[1])


def close(dealer: Window, order: int) -> None:
    dealer.go(f"/admin/trading/trade/{order}/change/").act("Close")
    dealer.fill(reason="asked by phone")
    dealer.submit()
    dealer.wait_for_text("The price when it is confirmed counts.")
    dealer.submit()
    dealer.wait_for_text("closed at")


def line_of_order(order: int, lines: list[str]) -> str:
    """Return the one line that begins with this order number."""
    (line,) = [line for line in lines if line.split()[:1] == [str(order)]]
    return line


def test_a_trade_is_opened_and_closed_for_a_client(platform: Platform, desks: Windows) -> None:
    dealer, alice = desks.window_of("dealer"), platform.sign_in(100001)
    with alice.stream() as stream:
        order = open_trade(dealer, "GBPUSD", "0.1")
        opened = stream.receive_until(lambda f: is_frame(f, "o", order=order, code=0))[-1]
        assert "buy 0.10 GBPUSD" in dealer.text
        close(dealer, order)
        closed = stream.receive_until(lambda f: is_frame(f, "o", order=order, code=6))[-1]
    assert opened[2] == closed[2]
    profit = f"{closed[15]:,.2f}"
    assert f"profit {profit}" in dealer.text
    dealer.go("/admin/trading/trade/?kind=closed")
    assert profit in line_of_order(order, dealer.texts("#result_list tbody tr"))
    dealer.go(ALICE)
    assert profit in line_of_order(order, dealer.texts("section[aria-label=History] tbody tr"))


def test_the_exposure_moves_without_a_reload(desks: Windows) -> None:
    dealer, boss = desks.window_of("dealer"), desks.window_of("administrator")
    boss.go("/admin/")
    exposure = "[data-tile=exposure] .live-body"
    boss.wait_for(lambda: boss.element(exposure).text)
    assert "AUDUSD" not in boss.element(exposure).text
    boss.run_script("window.stays = true")
    order = open_trade(dealer, "AUDUSD", "0.3")
    boss.wait_for(lambda: "AUDUSD 0.30" in " ".join(boss.element(exposure).text.split()))
    close(dealer, order)
    boss.wait_for(lambda: "AUDUSD" not in boss.element(exposure).text)
    assert boss.run_script("return window.stays")
