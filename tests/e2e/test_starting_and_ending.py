"""Restarting keeps the data; stopping ends every process."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.e2e.running_platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def test_a_restart_keeps_the_data() -> None:
    folder = Path(tempfile.mkdtemp(prefix="house-"))
    try:
        first = Platform(folder)
        first.wait_until_ready()
        first.sign_in(100001).call("PUT", "/settings", prefix="web", name="theme", value="dark")
        code, taken = first.end()
        assert code == 0
        assert taken < 10
        second = Platform(folder)
        second.wait_until_ready()
        alice = second.sign_in(100001)
        assert alice.call("GET", "/settings")["rows"][0][:3] == ["web", "theme", "dark"]
        assert alice.call("GET", "/account/me")["balance"] == 10000
        assert second.end()[0] == 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)
