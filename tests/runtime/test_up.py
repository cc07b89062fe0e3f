"""`up` from the ready line to the last process, with small processes of the test."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from runtime.paths import LocalPaths
from tests import forked
from tests.runtime.process_helpers import child_environment, free_port, has_ended, wait_until

NAMES = {"web", "worker", "feed", "engine", "postgres", "redis"}


class UpRun:
    """One `up`, its output and its processes."""

    def __init__(self, local_dir: Path) -> None:
        self.port = free_port()
        self.local_dir = local_dir
        self.screen = local_dir.parent / f"screen-{self.port}"
        environment = child_environment(local_dir, PORT=str(self.port))
        with self.screen.open("wb") as screen:
            words = ["-m", "tests.runtime.small_processes"]
            self.process = forked.Process(words, environment, (screen, screen))

    def lines(self) -> list[str]:
        return self.screen.read_text().splitlines()

    def await_ready(self) -> "UpRun":
        wait_until(lambda: f"ready: http://127.0.0.1:{self.port}/" in self.lines(), within=60)
        return self

    def pids(self) -> dict[str, int]:
        """Return the processes with a pid file now; a restart removes the file for a moment."""
        found = {}
        for file in (self.local_dir / "pids").iterdir():
            with suppress(FileNotFoundError):
                found[file.name] = int(file.read_text() or 0)
        return found

    def await_another(self, name: str, pid: int) -> None:
        wait_until(lambda: self.pids().get(name, pid) not in (pid, 0))


@pytest.fixture
def run(prepared: LocalPaths) -> Iterator[UpRun]:
    run = UpRun(prepared.root)
    yield run
    run.process.kill()
    run.process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_cleanly_and_in_time(run: UpRun, number: signal.Signals) -> None:
    pids = run.await_ready().pids()
    assert set(pids) == NAMES
    began = time.monotonic()
    run.process.send_signal(number)
    assert run.process.wait(10) == 0
    assert time.monotonic() - began < 10
    assert all(has_ended(pid) for pid in pids.values())
    assert run.pids() == {}
    assert run.lines()[-1].endswith("up       | all ended")


def test_a_second_ctrl_c_during_the_end_is_ignored(run: UpRun) -> None:
    run.await_ready()
    while run.process.poll() is None:
        run.process.send_signal(signal.SIGINT)
        time.sleep(0.005)
    assert run.process.returncode == 0
    assert not any("Traceback" in line for line in run.lines())


def test_ctrl_c_before_the_ready_line_ends_up(run: UpRun) -> None:
    wait_until(lambda: "postgres" in (run.pids() if (run.local_dir / "pids").exists() else {}))
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(10) == 0
    assert run.pids() == {}


@pytest.mark.parametrize("name", ["feed", "web", "postgres", "redis"])
def test_a_process_killed_with_sigkill_is_restarted(run: UpRun, name: str) -> None:
    pids = run.await_ready().pids()
    os.kill(pids[name], signal.SIGKILL)
    run.await_another(name, pids[name])
    others = {other: pid for other, pid in run.pids().items() if other != name}
    assert set(others) == NAMES - {name}
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(10) == 0


def test_killing_up_itself_ends_all_processes(run: UpRun) -> None:
    pids = run.await_ready().pids()
    run.process.kill()
    run.process.wait()
    wait_until(lambda: all(has_ended(pid) for pid in pids.values()), within=10)


def test_the_output_shows_addresses_logins_and_earlier_steps(run: UpRun) -> None:
    text = "\n".join(run.await_ready().lines())
    for address in ("/docs", "/admin/", "/"):
        assert f"http://127.0.0.1:{run.port}{address}\n" in text
    assert f"ws://127.0.0.1:{run.port}/ws\n" in text
    assert "100001 Alice" in text
    assert "demo1234" in text
    assert text.index("migrate  | migrate") < text.index("seed     | seed_demo")
