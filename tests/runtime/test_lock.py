"""The lock of a LOCAL_DIR."""

import signal
import subprocess

import pytest

from runtime.errors import CannotStart
from runtime.lock import claim_local_dir
from runtime.paths import LocalPaths
from runtime.servers import run_private_servers
from tests.runtime.process_helpers import PYTHON, ROOT, child_environment, has_ended, wait_until

HOLDER = """
import sys, time
from pathlib import Path
from runtime.lock import claim_local_dir
from runtime.paths import LocalPaths
from runtime.servers import run_private_servers
paths = LocalPaths.resolve(Path(sys.argv[1]), "local")
with claim_local_dir(paths), run_private_servers(paths, postgres=True, redis=True):
    print("running", flush=True)
    time.sleep(600)
"""


def start_holder(places: LocalPaths) -> subprocess.Popen[str]:
    """Start another process that runs the servers of `places`."""
    process = subprocess.Popen(
        [PYTHON, "-c", HOLDER, str(places.root.parent)],
        env=child_environment(places.root),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    return process


def test_a_second_run_on_the_same_folder_is_refused_at_once(places: LocalPaths) -> None:
    with (
        claim_local_dir(places),
        pytest.raises(CannotStart, match=r"already running on .*local; set LOCAL_DIR"),
        claim_local_dir(places),
    ):
        pass


def test_a_folder_is_free_again_after_the_run(places: LocalPaths) -> None:
    for _ in range(2):
        with claim_local_dir(places):
            pass


def test_servers_end_with_a_parent_that_is_killed_and_the_next_run_starts(
    places: LocalPaths,
) -> None:
    parent = start_holder(places)
    servers = [int((places.pids / name).read_text()) for name in ("postgres", "redis")]
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    with claim_local_dir(places), run_private_servers(places, postgres=True, redis=True):
        assert all(has_ended(pid) for pid in servers)


def test_servers_end_with_a_killed_parent_without_a_next_run(places: LocalPaths) -> None:
    parent = start_holder(places)
    servers = [int((places.pids / name).read_text()) for name in ("postgres", "redis")]
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_until(lambda: all(has_ended(pid) for pid in servers), within=5)
