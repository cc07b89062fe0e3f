"""The supervisor, with small processes in place of the platform's."""

import io
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import program as programs
from runtime import supervisor as supervisors
from runtime.errors import CannotStart, Interrupted
from runtime.output import ProcessOutput
from runtime.processes import process_environment
from runtime.supervisor import Supervisor
from tests.runtime.process_helpers import PYTHON, has_ended, wait_until

SLEEP = "import time; print('here', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
PARENT = f"""
import subprocess, sys
print("child", subprocess.Popen([sys.executable, "-c", {SLEEP!r}]).pid, flush=True)
{SLEEP}
"""


def python(code: str) -> list[str]:
    return [PYTHON, "-c", code]


class Group(Supervisor):
    """A supervisor whose output the test can read."""

    screen: io.StringIO
    stop = False

    def pid(self, name: str) -> int:
        """Return the pid of the pid file, 0 while there is none."""
        file = self.pids / name
        return int(file.read_text() or 0) if file.exists() else 0

    def turn_until(self, text: str, times: int = 1) -> None:
        def seen() -> bool:
            self._supervise_once(0.01)
            return self.screen.getvalue().count(text) >= times

        wait_until(seen)


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Group]:
    monkeypatch.setattr(programs, "FIRST_DELAY", 0.02)
    monkeypatch.setattr(supervisors, "END_WITHIN", 0.5)
    screen = io.StringIO()
    made = Group(
        ProcessOutput(screen), tmp_path, tmp_path, process_environment(), lambda: made.stop
    )
    made.screen = screen
    yield made
    made.end_all()


def test_lines_are_prefixed_with_their_process(group: Group) -> None:
    group.start_all({"feed": python("print('a tick'); input()"), "web": python(SLEEP)})
    group.turn_until("feed     | a tick")
    group.turn_until("web      | here")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_killed_process_is_started_again(group: Group, number: signal.Signals) -> None:
    group.start_all({"feed": python(SLEEP), "engine": python(SLEEP)})
    group.turn_until("| here", times=2)
    before, other = group.pid("feed"), group.pid("engine")
    os.kill(before, number)
    group.turn_until("feed     | here", times=2)
    assert f"feed was killed by {number.name}; starting it again in 0.02 s" in (
        group.screen.getvalue()
    )
    assert group.pid("feed") not in (0, before)
    assert group.pid("engine") == other


def test_children_of_a_killed_process_end(group: Group) -> None:
    group.start_all({"worker": python(PARENT)})
    group.turn_until("worker   | here", times=2)
    child = int(re.findall(r"child (\d+)", group.screen.getvalue())[0])
    os.kill(group.pid("worker"), signal.SIGKILL)
    group.turn_until("worker   | here", times=4)
    assert has_ended(child)


def test_the_pause_before_a_restart_grows_and_shrinks_again(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    group.start_all({"feed": python("raise SystemExit(3)")})
    group.turn_until("feed ended with exit code 3; starting it again in 0.02 s")
    group.turn_until("feed ended with exit code 3; starting it again in 0.04 s")
    group.turn_until("feed ended with exit code 3; starting it again in 0.08 s")
    monkeypatch.setattr(programs, "STEADY_AFTER", -1.0)
    group.turn_until("feed ended with exit code 3; starting it again in 0.02 s", times=2)


def test_the_pause_before_a_restart_has_a_limit(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "LONGEST_DELAY", 0.03)
    group.start_all({"feed": python("")})
    group.turn_until("feed ended with exit code 0; starting it again in 0.03 s", times=2)


def test_a_process_that_never_gets_ready_ends_the_start(group: Group) -> None:
    group.start_all({"feed": python("raise SystemExit(3)"), "web": python(SLEEP)})
    with pytest.raises(CannotStart, match="feed ended 5 times before it was ready"):
        group.await_ready({"feed": lambda: False}, 30)


def test_a_process_that_was_ready_is_always_restarted(group: Group) -> None:
    group.start_all({"feed": python("")})
    group.await_ready({"feed": lambda: True}, 30)
    group.turn_until("starting it again", times=6)


def test_a_start_that_takes_too_long_names_what_is_missing(group: Group) -> None:
    group.start_all({"feed": python(SLEEP), "web": python(SLEEP)})
    with pytest.raises(CannotStart, match=r"not ready within 0\.1 s: feed$"):
        group.await_ready({"feed": lambda: False, "web": lambda: True}, 0.1)


def test_a_signal_ends_the_wait(group: Group) -> None:
    group.start_all({"feed": python(SLEEP)})
    group.stop = True
    with pytest.raises(Interrupted):
        group.serve()


def test_a_step_runs_to_its_end(group: Group) -> None:
    group.run_step("migrate", python("print('done')"))
    assert "migrate  | done" in group.screen.getvalue()
    assert not group.pid("migrate")


def test_a_step_that_fails_ends_the_start(group: Group) -> None:
    with pytest.raises(CannotStart, match="migrate ended with exit code 2"):
        group.run_step("migrate", python("print('why'); raise SystemExit(2)"))
    assert "migrate  | why" in group.screen.getvalue()


def test_all_processes_end_at_once_if_they_can(group: Group) -> None:
    group.start_all({"feed": python(SLEEP), "web": python(SLEEP)})
    group.turn_until("| here", times=2)
    running = [group.pid("feed"), group.pid("web")]
    began = time.monotonic()
    group.end_all()
    assert time.monotonic() - began < supervisors.END_WITHIN
    assert all(has_ended(pid) for pid in running)
    assert list(group.pids.iterdir()) == []


def test_a_process_that_ignores_the_stop_signal_is_killed(group: Group) -> None:
    group.start_all({"worker": python(STUBBORN), "web": python(SLEEP)})
    group.turn_until("| here", times=2)
    worker = group.pid("worker")
    group.end_all()
    assert has_ended(worker)
    assert "worker did not end within 0.5 s: killed" in group.screen.getvalue()


def test_the_terminals_ctrl_c_does_not_reach_the_processes(group: Group) -> None:
    group.start_all({"feed": python(SLEEP)})
    assert os.getpgid(group.pid("feed")) == group.pid("feed")


def test_a_closed_output_pipe_raises_no_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", buffering=1) as screen:
        output = ProcessOutput(screen)
        output.print_own_line("nobody reads this")
        output.print_plain("nor this")
