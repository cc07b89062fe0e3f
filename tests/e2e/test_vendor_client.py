"""A terminal in JavaScript, written after the public pages, against the running platform."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.running_platform import Platform

CLIENT = Path(__file__).with_name("vendor_client.mjs")
STEPS = ["signIn", "openModifyAndClose", "placeAndCancel", "closeGroup", "keepScripts",
         "keepAlerts", "watch"]  # fmt: skip
NODE = shutil.which("node")
REQUIRED = os.environ.get("NODE_TESTS") == "required"
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def node_command() -> tuple[list[str], bool]:
    """Return node with what makes it know WebSocket, and whether it does."""
    version = subprocess.run([str(NODE), "--version"], capture_output=True, text=True, check=True)
    major, minor = map(int, re.findall(r"\d+", version.stdout)[:2])
    if (major, minor) < (20, 10):
        return [str(NODE)], False
    return [str(NODE), *["--experimental-websocket"] * (major < 22)], True


@pytest.mark.skipif(NODE is None and not REQUIRED, reason="node is not installed")
def test_a_terminal_written_after_the_pages_works(platform: Platform) -> None:
    command, knows_sockets = node_command()
    done = subprocess.run(
        [*command, str(CLIENT), platform.url], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    steps = [*STEPS, *["stream"] * knows_sockets]
    assert done.stdout.split("\n")[:-1] == [f"{step} OK" for step in steps]
