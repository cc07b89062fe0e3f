"""The lock of a LOCAL_DIR."""

import signal
import subprocess

import pytest

from embedded.errors import CannotStart
from embedded.lock import claim
from embedded.places import Places
from embedded.servers import private_servers
from tests.embedded.conditions import PYTHON, ROOT, environment, gone, until

HOLDER = """
import sys, time
from pathlib import Path
from embedded.lock import claim_local_dir
from embedded.places import LocalPaths
from embedded.servers import run_private_servers
paths = LocalPaths.resolve(Path(sys.argv[1]), "local")
with claim_local_dir(paths), run_private_servers(paths, postgres=True, redis=True):
    print("running", flush=True)
    time.sleep(600)
"""


def holder(places: Places) -> subprocess.Popen[str]:
    """Start another process that runs the servers of `places`."""
    process = subprocess.Popen(
        [PYTHON, "-c", HOLDER, str(places.root.parent)],
        env=environment(places.root),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    return process


def test_a_second_run_on_the_same_folder_is_refused_at_once(places: Places) -> None:
    with (
        claim(places),
        pytest.raises(CannotStart, match=r"already running on .*local; set LOCAL_DIR"),
        claim(places),
    ):
        pass


def test_a_folder_is_free_again_after_the_run(places: Places) -> None:
    for _ in range(2):
        with claim(places):
            pass


def test_servers_end_with_a_parent_that_is_killed_and_the_next_run_starts(places: Places) -> None:
    parent = holder(places)
    servers = [int((places.pids / name).read_text()) for name in ("postgres", "redis")]
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    with claim(places), private_servers(places, postgres=True, redis=True):
        assert all(gone(pid) for pid in servers)


def test_servers_end_even_if_nobody_starts_again(places: Places) -> None:
    parent = holder(places)
    servers = [int((places.pids / name).read_text()) for name in ("postgres", "redis")]
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: all(gone(pid) for pid in servers), within=5)
