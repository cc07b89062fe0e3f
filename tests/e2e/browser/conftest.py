"""A browser window for each person, shared by all tests of this folder."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.browser.window import Browser, Window, is_chromium_installed
from tests.e2e.running_platform import Platform

IS_LIVE = "return document.querySelector('[data-tile]') !== null"
PEOPLE = {"administrator": 1, "dealer": 2, "support": 3, "manager": 4}
# Two managers beside the demo's administrator, dealer and support; and an e-mail.
ADDED = """
from django.contrib.auth.models import Group
from accounts.enums import SessionType
from accounts.models import User
for login, name in ((4, "Mary"), (5, "Fay")):
    made = User.objects.create_user(login, "demo1234", name=name, type=SessionType.MANAGER)
    made.groups.set(Group.objects.filter(name="manager"))
from backoffice.mails.queue import queue_mail
queue_mail(key="browser", to="alice@example.com", subject="Your statement", text="attached")
"""


class Windows:
    """The browser windows of all people, each opened on first use."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.windows: dict[str, Window] = {}
        self.used: set[Window] = set()  # since `rest`

    def window_of(self, name: str) -> Window:
        """Return the signed-in window of one of PEOPLE; else one at the sign-in page."""
        if name not in self.windows:
            self.windows[name] = Window(self.browser, self.url)
            if name in PEOPLE:
                self.windows[name].sign_in(PEOPLE[name])
        self.used.add(self.windows[name])
        return self.windows[name]

    def console_messages(self) -> list[str]:
        """Return what the consoles of used windows reported since the last call."""
        return [line for window in self.used for line in window.console_messages()]

    def rest(self) -> None:
        """Leave pages that would go on asking for figures."""
        for window in self.used:
            if window.run_script(IS_LIVE):
                window.go("/healthz")
        self.used.clear()


@pytest.fixture(autouse=True, scope="session")
def _chromium() -> None:
    """Without Chromium these tests are skipped, unless CI asks for them."""
    if is_chromium_installed():
        return
    words = "Chromium is absent; on Debian and Ubuntu: apt-get install chromium chromium-driver"
    if os.environ.get("BROWSER_TESTS") == "required":
        pytest.fail(words)
    pytest.skip(words)


@pytest.fixture(scope="package")
def every_desk(platform: Platform) -> Iterator[Windows]:
    folder = Path(tempfile.mkdtemp(prefix="desks-"))
    platform.manage("shell", "-c", ADDED)
    browser = Browser(folder)
    yield Windows(browser, platform.url)
    browser.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def desks(every_desk: Windows) -> Iterator[Windows]:
    """All windows; a console message during the test fails it."""
    yield every_desk
    assert every_desk.console_messages() == []
    every_desk.rest()
