"""Every important page fits, narrow and wide, and can be read by all.

With a folder in SCREENSHOTS pictures of all pages are put there; else those that do not fit or
cannot be read are to be seen in .local/screenshots.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.browser.axe import find_barriers
from tests.e2e.browser.conftest import Windows
from tests.e2e.browser.test_dealing import open_trade
from tests.e2e.browser.test_money import deposit
from tests.e2e.browser.window import ALL_PICTURES, Window
from tests.e2e.running_platform import Platform
from tests.e2e.test_user_journey import alerts_around, fired

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

MEASURES = Path(__file__).with_name("measures.js").read_text(encoding="utf-8")
WIDTHS = (400, 1280)  # the last one is what other tests expect
PAGES = {
    "dashboard": "/admin/",
    "accounts": "/admin/accounts/account/",
    "account": "/admin/accounts/account/100001/change/",
    "deposit": "/admin/accounts/account/100001/do/deposit/",
    "terms": "/admin/accounts/account/100001/do/terms/",
    "user": "/admin/accounts/user/2/change/",
    "password": "/admin/accounts/user/2/password/",
    "users": "/admin/accounts/user/",
    "add-staff": "/admin/accounts/user/do/add-staff/",
    "add-role": "/admin/auth/group/add/",
    "role": "/admin/auth/group/1/change/",
    "trades": "/admin/trading/trade/",
    "open-trades": "/admin/trading/trade/?kind=open",
    "exposure": "/admin/trading/trade/exposure/",
    "close-symbol": "/admin/market/symbol/EURUSD/do/close-positions/",
    "trade": "/admin/trading/trade/{order}/change/",
    "explained": "/admin/trading/trade/{order}/explain/",
    "symbol": "/admin/market/symbol/EURUSD/change/",
    "schedules": "/admin/market/schedule/",
    "alert-log": "/admin/alerts/alertlog/",
    "audit": "/admin/audit/entry/",
    "sign-ins": "/admin/audit/signin/",
    "approvals": "/admin/backoffice/approval/",
    "feed-health": "/admin/market/lastquote/health/",
    "report": "/admin/trading/trade/report/",
    "statement": "/admin/trading/trade/statement/100001/",
    "e-mails": "/admin/backoffice/outgoingmail/",
    "second-factor": "/admin/second-factor/",
    "home": "/",
}
ERRORS = {  # who opens what, and the status
    "not-found": ("administrator", "/admin/nothing/", 404),
    "not-allowed": ("support", "/admin/accounts/user/do/add-staff/", 403),
}


@pytest.fixture(scope="module")
def order(platform: Platform, every_desk: Windows) -> int:
    """An open trade of Alice; one of her alerts has fired, another waits, as a deposit does."""
    alice = platform.sign_in(100001)
    with alice.stream() as stream:
        order = open_trade(every_desk.window_of("dealer"), "EURUSD", "0.5")
        stream.receive_until(fired(alerts_around(alice)), 90)
    far = {"symbol": "EURUSD", "side": 0, "condition": 0, "repeat_mode": 0, "target_price": 9}
    alice.call("POST", "/price_alert", **far)
    deposit(every_desk.window_of("manager"), "5000", "a picture of it")
    return order


def check_page(window: Window, name: str) -> Iterator[str]:
    """Yield the page's faults in every width and colour scheme."""
    for width in WIDTHS:
        window.resize(width)
        for dark in (True, False):
            window.set_colour_scheme(dark=dark)
            colours = "dark" if dark else "light"
            faults = window.run_script(MEASURES)
            if faults or ALL_PICTURES:
                window.take_screenshot(f"{name}-{width}-{colours}")
            yield from (f"{width} {colours}: {wrong}" for wrong in faults)
    yield from find_barriers(window)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_can_be_read(name: str, desks: Windows, order: int) -> None:
    boss = desks.window_of("administrator")
    boss.go(PAGES[name].format(order=order))
    boss.wait_for(lambda: not any("Loading" in state for state in boss.texts(".live-state")))
    assert list(check_page(boss, name)) == []


def answered(window: Window) -> list[int]:
    """Return the statuses of errors that the console reports since the last call."""
    words = " ".join(window.console_messages())
    return [int(status) for status in re.findall(r"status of (\d+)", words)]


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_fits_and_can_be_read(name: str, desks: Windows) -> None:
    person, path, status = ERRORS[name]
    window = desks.window_of(person).go(path)
    assert answered(window) == [status]
    assert list(check_page(window, name)) == []


@pytest.mark.parametrize(("name", "path"), [("login", "/admin/login/"), ("public", "/")])
def test_a_public_page_fits_and_can_be_read(name: str, path: str, desks: Windows) -> None:
    window = desks.window_of("the door")
    window.clear_cookies()
    assert list(check_page(window.go(path), name)) == []


def test_the_error_page_by_itself_fits_and_can_be_read(desks: Windows) -> None:
    """As after an unexpected error, here for a form without its token."""
    window = desks.window_of("the door")
    window.clear_cookies()
    window.go("/admin/login/")
    window.run_script("document.querySelector('[name=csrfmiddlewaretoken]').remove()")
    window.fill(username=1, password="any")
    window.submit()
    assert answered(window) == [403]
    assert list(check_page(window, "form-expired")) == []


def test_the_evidence_of_an_alert_fits_and_can_be_read(desks: Windows, order: int) -> None:
    support = desks.window_of("support")
    support.go("/admin/alerts/alertlog/").click("#result_list tbody a")
    assert list(check_page(support, "alert")) == []
    support.go("/admin/alerts/alert/").click("#result_list tbody a")
    support.wait_for_text("Why it has not fired yet")
    assert list(check_page(support, "why-not-yet")) == []


def test_the_page_of_a_fill_fits_and_its_order_has_a_text_to_copy(
    desks: Windows, order: int
) -> None:
    support = desks.window_of("support")
    support.go("/admin/trading/fill/").click("#result_list tbody a")
    assert list(check_page(support, "fill")) == []
    support.click("[role=toolbar] a")
    support.element("[data-copies]").click()
    support.wait_for(lambda: any(support.texts(".house-copy [role=status]")))


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("accounts/account/100001/do/terms", {"leverage": 200, "reason": "asked for it"}),
        ("accounts/account/100001/do/withdraw", {"amount": "1.000,50", "reason": "asked for it"}),
        ("trading/trade/{order}/do/modify", {"sl": "0.5", "reason": "asked for it"}),
    ],
)
def test_the_preview_of_an_action_fits_and_can_be_read(
    desks: Windows, order: int, action: str, fields: dict[str, str | int]
) -> None:
    boss = desks.window_of("administrator")
    boss.go(f"/admin/{action.format(order=order)}/")
    boss.fill(**fields)
    boss.submit()
    boss.wait_for_text("before")
    assert list(check_page(boss, f"{action.rpartition('/')[2]}-preview")) == []


def test_a_request_for_approval_fits_and_can_be_read(desks: Windows, order: int) -> None:
    boss = desks.window_of("administrator")
    boss.go("/admin/backoffice/approval/").click("#result_list tbody a")
    boss.wait_for_text("Nothing is booked yet.")
    assert list(check_page(boss, "approval")) == []


def test_the_preview_of_a_symbols_margin_fits_and_can_be_read(desks: Windows, order: int) -> None:
    boss = desks.window_of("administrator")
    boss.go("/admin/market/symbol/EURUSD/change/")
    boss.fill(margin_initial="250")
    boss.click("[name=_save]")
    boss.wait_for(lambda: boss.driver.find_elements("css selector", ".house-impact"))
    assert list(check_page(boss, "margin-preview")) == []
