"""Corrections, as staff look at them."""

from decimal import Decimal

from accounts.models import Account, User
from market.models import Symbol
from tests.backoffice.fixtures import Browser
from trading import services
from trading.enums import Cmd


def test_the_page_shows_the_corrected_order_the_reason_and_the_staff_member(
    alice: Account, eurusd: Symbol, dan: User, carol: User, browser: Browser
) -> None:
    trade = services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    services.close_position(login=100001, order=trade.order)
    fixed = services.correct_entry(
        login=100001, order=trade.order, amount=Decimal(-3), reason="wrong side", staff=dan
    )
    page = browser(carol).get(f"/admin/trading/trade/{fixed.order}/change/").content.decode()
    for word in (f"/admin/trading/trade/{trade.order}/change/", "wrong side", "2 Dan"):
        assert word in page
    corrected = browser(carol).get(f"/admin/trading/trade/{trade.order}/change/").content.decode()
    section = corrected.partition("Corrected by")[2]
    for word in (f"/admin/trading/trade/{fixed.order}/change/", "-3.00 USD", "wrong side"):
        assert word in section
    assert "Corrected by" not in page
    assert "Nights charged" not in corrected
