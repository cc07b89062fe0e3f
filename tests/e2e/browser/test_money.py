"""Money in the browser: a deposit by form, and an approval above the limit."""

from decimal import Decimal

import pytest

from tests.e2e.browser.conftest import Windows
from tests.e2e.browser.window import Window
from tests.e2e.conftest import APPROVAL_ABOVE
from tests.e2e.running_platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

BOB = "/admin/accounts/account/100002/change/"


def deposit(window: Window, amount: str, reason: str) -> None:
    window.go(BOB).act("Deposit")
    window.fill(amount=amount, reason=reason)
    window.submit()
    window.wait_for_text("the balance goes from")
    window.submit()


def figures(window: Window) -> str:
    """The live figures in the header of the page."""
    return window.element("#client-figures").text


def money(platform: Platform) -> Decimal:
    return Decimal(str(platform.sign_in(100002).call("GET", "/account/balance")["balance"]))


def test_a_deposit_moves_the_balance_on_a_page_that_is_open(
    platform: Platform, desks: Windows
) -> None:
    manager, boss = desks.window_of("manager"), desks.window_of("administrator")
    before = money(platform)
    boss.go(BOB)
    boss.wait_for(lambda: f"{before:,.2f}" in figures(boss))
    boss.run_script("window.stays = true")
    deposit(manager, "250,00", "cheque no. 17")
    boss.wait_for(lambda: f"{before + 250:,.2f}" in figures(boss))
    assert boss.run_script("return window.stays")
    assert money(platform) == before + 250
    manager.go("/admin/audit/entry/?q=100002")
    (entry,) = (row for row in manager.texts("#result_list tbody tr") if "cheque no. 17" in row)
    assert "Deposit" in entry
    manager.go(BOB)
    assert "cheque no. 17" in manager.element("section[aria-label=Audit]").text


def test_a_deposit_above_the_limit_needs_an_approval(platform: Platform, desks: Windows) -> None:
    manager, boss = desks.window_of("manager"), desks.window_of("administrator")
    before, much = money(platform), 2 * APPROVAL_ABOVE
    deposit(manager, str(much), "wire transfer")
    manager.wait_for_text("a second person has to approve it")
    assert money(platform) == before
    manager.go("/admin/backoffice/approval/").click("#result_list tbody a")
    assert "Approve" not in " ".join(manager.texts("[role=toolbar] a"))
    boss.go("/admin/backoffice/approval/").click("#result_list tbody a")
    boss.wait_for_text("wire transfer")
    boss.act("Approve")
    boss.fill(reason="seen on the statement")
    boss.submit()
    assert money(platform) == before + much
    boss.go(boss.path)
    assert "Approve" not in " ".join(boss.texts("[role=toolbar] a"))
