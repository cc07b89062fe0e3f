"""The base class of the private PostgreSQL and Redis."""

import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from signal import SIGKILL, Signals

from runtime.child_process import make_preexec
from runtime.errors import CannotStart, Interrupted
from runtime.paths import LocalPaths

READY_WITHIN = 60.0  # seconds; long, because of a possible crash recovery
LOG_LINES = 8


class PrivateServer(ABC):
    """A private server: a child process with its data and its log below LOCAL_DIR."""

    name: str
    title: str
    stop_signal: Signals
    leave_root = False

    def __init__(self, paths: LocalPaths, *, fast: bool = False) -> None:
        self.paths = paths
        self.fast = fast
        self.log = paths.logs / f"{self.name}.log"
        self.child: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Make the data ready for a start; no process of an earlier run is alive any more."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""

    @abstractmethod
    def accepts_connections(self) -> bool:
        """Return whether a real connection works."""

    @property
    def pid_file(self) -> Path:
        return self.paths.pids / self.name

    def start(self, descriptor: int, stopping: Callable[[], bool]) -> None:
        """Start the server with the lock's `descriptor`, and wait until it is ready.

        Raises:
            CannotStart: it ended or is not ready in time.
            Interrupted: `stopping` returned true.
        """
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.previous"))
        with self.log.open("wb") as log:
            self.child = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.paths.root,
                pass_fds=(descriptor,),
                start_new_session=True,  # the terminal's Ctrl-C must not end it before its clients
                preexec_fn=make_preexec(self.stop_signal, leave_root=self.leave_root),  # noqa: PLW1509
            )
        self.pid_file.write_text(str(self.child.pid))
        self._await_ready(stopping)

    def _await_ready(self, stopping: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not self.accepts_connections():
            if stopping():
                raise Interrupted
            if self.has_ended() or time.monotonic() > deadline:
                raise CannotStart(f"{self.title} did not start:\n{self.last_log_lines()}")
            time.sleep(0.03)

    def has_ended(self) -> bool:
        return self.child is not None and self.child.poll() is not None

    def last_log_lines(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"  {line}" for line in lines[-LOG_LINES:])

    def request_stop(self) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(self.stop_signal)

    def await_end(self, deadline: float) -> None:
        """Wait for its end until the monotonic time `deadline`, then kill it."""
        if self.child is None:
            return
        try:
            self.child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.child.send_signal(SIGKILL)
            self.child.wait()
        self.pid_file.unlink(missing_ok=True)
