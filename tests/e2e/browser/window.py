"""A real Chromium, and its windows, each used by one person."""

import base64
import json
import os
import shutil
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from tests.realtime.stream_client import StreamClient
from tests.runtime.process_helpers import ROOT

PASSWORD = "demo1234"  # of everybody in the demo
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
)
ALL_PICTURES = "SCREENSHOTS" in os.environ  # else only of pages with a fault
PICTURES = Path(os.environ.get("SCREENSHOTS") or ROOT / ".local" / "screenshots")
HEIGHT = "return Math.max(1000, document.documentElement.scrollHeight)"
SIZE = "return [innerWidth, innerHeight]"
WITHIN = 20.0  # seconds for what a page must come to show
# Selenium's own `text` computes for a tenth of a second on a large page, each time it is asked.
TEXTS = """
return [...document.querySelectorAll(arguments[0])].map((element) => (
  element.checkVisibility({ visibilityProperty: true }) ? element.innerText.trim() : ""
));
"""
SUBMIT = "//div[@id='content-main']//button[@type='submit'] | //form[@id='login-form']//button"


def is_chromium_installed() -> bool:
    """Return whether this machine has a Chromium that can be driven."""
    return bool(shutil.which("chromium") and shutil.which("chromedriver"))


class Browser:
    """A Chromium whose windows share neither cookies nor caches, as on several computers."""

    def __init__(self, profile: Path) -> None:
        options = ChromeOptions()
        options.binary_location = str(shutil.which("chromium"))
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = Chrome(options, ChromeService(str(shutil.which("chromedriver"))))
        self.driver.set_page_load_timeout(30)
        self._shown = self.driver.current_window_handle
        address = self.driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        with urllib.request.urlopen(f"http://{address}/json/version", timeout=WITHIN) as answer:
            self._channel = StreamClient(json.load(answer)["webSocketDebuggerUrl"])

    def close(self) -> None:
        self._channel.close()
        self.driver.quit()

    def open_window(self) -> str:
        """Open an empty window without any cookies; return its handle."""
        context = self._tell("Target.createBrowserContext")["browserContextId"]
        target = self._tell("Target.createTarget", url="about:blank", browserContextId=context)
        return str(target["targetId"])

    def show(self, handle: str) -> Chrome:
        """Return the driver, whose next commands concern this window."""
        if self._shown != handle:
            self.driver.switch_to.window(handle)
            self._shown = handle
        return self.driver

    def _tell(self, method: str, **params: str) -> dict[str, str]:
        answer = self._channel.ask({"id": 1, "method": method, "params": params})
        found: dict[str, str] = answer["result"]
        return found


class Window:
    """A browser window, signed in as one person or signed out."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.handle = browser.open_window()

    @property
    def driver(self) -> Chrome:
        """Return the driver with this window in front."""
        return self.browser.show(self.handle)

    def go(self, path: str) -> "Window":
        """Load a page of the platform."""
        self.driver.get(self.url + path if path.startswith("/") else path)
        return self

    def sign_in(self, login: int, code: str = "") -> "Window":
        """Sign in through the admin's form."""
        self.go("/admin/login/")
        self.fill(username=login, password=PASSWORD, code=code)
        self.submit()
        return self

    def sign_out(self) -> None:
        """Sign out through the user menu."""
        self.run_script("document.querySelector('form[action$=\"/logout/\"] button').click()")
        self.wait_for_text("Log in")

    def clear_cookies(self) -> None:
        """Delete all cookies, as on another computer."""
        self.driver.delete_all_cookies()

    def fill(self, **fields: Any) -> None:
        """Type into fields, or choose in them, by their names."""
        for name, value in fields.items():
            field = self.element(f"[name='{name}']")
            if field.tag_name == "select":
                Select(field).select_by_value(str(value))
            else:
                field.clear()
                field.send_keys(str(value))

    def submit(self) -> None:
        """Press the form's button and wait for the answer."""
        self._click_and_wait(self.driver.find_elements(By.XPATH, SUBMIT)[-1])

    def click(self, css: str) -> None:
        """Click the first element that the selector finds, and wait for what follows."""
        self._click_and_wait(self.element(css))

    def act(self, title: str) -> None:
        """Press the button of an action above a list or a row."""
        buttons = self.driver.find_elements(By.CSS_SELECTOR, "[role=toolbar] a")
        (found,) = [button for button in buttons if button.text.splitlines()[-1] == title]
        self._click_and_wait(found)

    @property
    def path(self) -> str:
        """Return the path of the current page."""
        return self.driver.current_url.removeprefix(self.url)

    @property
    def text(self) -> str:
        """Return all readable text of the page."""
        if not (found := self.texts("body")):  # which waiting goes on after, as Selenium's own
            raise NoSuchElementException("the page has no body yet")
        return found[0]

    def element(self, css: str) -> WebElement:
        """Return the first element that the selector finds."""
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def texts(self, css: str) -> list[str]:
        """Return the texts of all elements that the selector finds."""
        found: list[str] = self.run_script(TEXTS, css)
        return found

    def run_script(self, script: str, *words: Any) -> Any:
        """Return what a script returns that runs in the page."""
        return self.driver.execute_script(script, *words)

    def wait_for(self, condition: Callable[[], Any], within: float = WITHIN) -> Any:
        """Return the value of `condition` as soon as it is true."""
        waiting = WebDriverWait(self.driver, within, 0.1, [StaleElementReferenceException])
        return waiting.until(lambda _: condition(), f"not within {within:g} s on {self.path}")

    def wait_for_text(self, text: str, within: float = WITHIN) -> None:
        """Wait until the text is on the page."""
        try:
            self.wait_for(lambda: text in self.text, within)
        except Exception as error:
            raise AssertionError(f"no {text!r} on {self.path}:\n{self.text}") from error

    def console_messages(self) -> list[str]:
        """Return what the console reported since the last call: errors and policy violations."""
        reply = self.driver.get_log("browser")  # type: ignore[no-untyped-call]  # Selenium's own
        return [line["message"] for line in reply if line["level"] in ("SEVERE", "WARNING")]

    def resize(self, width: int, height: int = 1000) -> None:
        """Set the size of the page that the window shows."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.wait_for(lambda: self.run_script(SIZE) == [width, height])

    def set_colour_scheme(self, *, dark: bool) -> None:
        """Set the colour scheme, as a person's system does."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.run_script("document.documentElement.classList.toggle('dark', arguments[0])", dark)

    def take_screenshot(self, name: str) -> None:
        """Write a picture of the whole page into PICTURES."""
        width, height = self.run_script(SIZE)
        self.resize(width, self.run_script(HEIGHT))
        taken = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        PICTURES.mkdir(parents=True, exist_ok=True)
        (PICTURES / f"{name}.png").write_bytes(base64.b64decode(taken["data"]))
        self.resize(width, height)

    def _click_and_wait(self, button: WebElement) -> None:
        """Click, and wait until this page is gone and the next has loaded."""
        before = self.element("html")
        self.run_script("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()
        self.wait_for(lambda: self._gone(before))
        self.wait_for(lambda: self.run_script("return document.readyState") == "complete")

    def _gone(self, element: WebElement) -> bool:
        try:
            element.is_enabled()
        except StaleElementReferenceException:
            return True
        except WebDriverException as error:  # Chromium's own words, while the page changes
            if "does not belong to the document" not in str(error):
                raise
            return True
        return False
