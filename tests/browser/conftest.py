"""One platform, and a browser window for each person, shared by all tests of this folder."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.window import Window, is_chromium_installed
from tests.e2e.running_platform import Platform

APPROVAL_ABOVE = 1000  # dollars
PEOPLE = {"administrator": 1, "dealer": 2, "support": 3, "manager": 4}
# Two managers beside the demo's administrator, dealer and support.
MANAGERS = """
from django.contrib.auth.models import Group
from accounts.enums import SessionType
from accounts.models import User
for login, name in ((4, "Mary"), (5, "Fay")):
    made = User.objects.create_user(login, "demo1234", name=name, type=SessionType.MANAGER)
    made.groups.set(Group.objects.filter(name="manager"))
"""


class Windows:
    """The browser windows of all people, each opened on first use."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.windows: dict[str, Window] = {}

    def window_of(self, name: str) -> Window:
        """Return the signed-in window of one of PEOPLE; else one at the sign-in page."""
        if name not in self.windows:
            self.windows[name] = Window(self.url, self.folder / name)
            if name in PEOPLE:
                self.windows[name].sign_in(PEOPLE[name])
        return self.windows[name]

    def console_messages(self) -> list[str]:
        """Return what all consoles reported since the last call."""
        return [line for window in self.windows.values() for line in window.console_messages()]


@pytest.fixture(autouse=True, scope="session")
def _chromium() -> None:
    """Without Chromium these tests are skipped, unless CI asks for them."""
    if is_chromium_installed():
        return
    words = "Chromium is absent; on Debian and Ubuntu: apt-get install chromium chromium-driver"
    if os.environ.get("BROWSER_TESTS") == "required":
        pytest.fail(words)
    pytest.skip(words)


@pytest.fixture(scope="session")
def platform(_chromium: None) -> Iterator[Platform]:
    """The platform with the demo's data, used by these tests alone."""
    folder = Path(tempfile.mkdtemp(prefix="browser-"))
    platform = Platform(folder, APPROVAL_ABOVE=str(APPROVAL_ABOVE))
    try:
        platform.wait_until_ready()
        platform.manage("shell", "-c", MANAGERS)
        yield platform
    finally:
        platform.process.terminate()
        platform.process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def every_desk(platform: Platform) -> Iterator[Windows]:
    folder = Path(tempfile.mkdtemp(prefix="desks-"))
    desks = Windows(platform.url, folder)
    yield desks
    for window in desks.windows.values():
        window.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def desks(every_desk: Windows) -> Iterator[Windows]:
    """All windows; a console message during the test fails it."""
    yield every_desk
    assert every_desk.console_messages() == []
