"""One process of the group, restarted when it ends by itself."""

import os
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

from honcho.process import Popen

from runtime.child_process import make_preexec
from runtime.output import ProcessOutput

FIRST_DELAY, LONGEST_DELAY = 0.5, 10.0  # seconds until a process that ended is restarted
LAST_LINES_WITHIN = 0.5  # seconds; a descendant in another process group may keep the pipe open
STEADY_AFTER = 30.0  # seconds of running after which the delay is FIRST_DELAY again


class Program:
    """A command with its name, its colour and the times at which it ended."""

    def __init__(self, name: str, command: list[str], pids: Path, colour: str = "") -> None:
        self.name = name
        self.command = command
        self.colour = colour
        self.pid_file = pids / name
        self.child: subprocess.Popen[bytes] | None = None
        self.reader: threading.Thread | None = None
        self.end_times: list[float] = []
        self.started = self.restart_at = 0.0
        self.delay = FIRST_DELAY

    def start(self, output: ProcessOutput, env: dict[str, str], cwd: Path) -> None:
        child: subprocess.Popen[bytes] = Popen(
            self.command,
            shell=False,  # so that the pid is that of the process itself
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            preexec_fn=make_preexec(SIGTERM),
        )
        assert child.stdout is not None  # noqa: S101
        self.child, self.started = child, time.monotonic()
        self.pid_file.write_text(str(child.pid))
        self.reader = output.follow_pipe(child.stdout, self.name, self.colour)

    def is_alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def handle_end(self) -> str:
        """Kill what it left in its process group, plan the restart and return a line about it."""
        child, now = self.child, time.monotonic()
        assert child is not None  # noqa: S101
        self.kill()
        if now - self.started > STEADY_AFTER:
            self.delay = FIRST_DELAY
        self.restart_at = now + self.delay
        manner = describe_exit(child.returncode)
        text = f"{self.name} {manner}; starting it again in {self.delay:g} s"
        self.delay = min(self.delay * 2, LONGEST_DELAY)
        self.end_times.append(now)
        return text

    def request_end(self) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(SIGTERM)

    def kill(self) -> bool:
        """Kill it and its process group; return whether it was still alive."""
        child, self.child = self.child, None
        if child is None:
            return False
        was_alive = child.poll() is None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, SIGKILL)
        child.wait()
        if self.reader is not None:
            self.reader.join(LAST_LINES_WITHIN)
        self.pid_file.unlink(missing_ok=True)
        return was_alive


def describe_exit(code: int) -> str:
    """Describe how a process ended, for people."""
    return f"was killed by {Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
