"""Supervision of the processes: prints their lines, restarts them, ends them in time.

honcho brings the coloured lines and the child processes; its own manager ends everything
with the first process that ends, where this one restarts it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from honcho.colour import get_colours

from runtime.errors import CannotStart, Interrupted
from runtime.output import ProcessOutput
from runtime.program import Program, describe_exit
from runtime.servers import PrivateServers

END_WITHIN = 6.0  # seconds from SIGTERM until what is left is killed
FAILURES, FAILURES_WITHIN = 5, 30.0  # the ends, within so many seconds, after which a start fails
CHECK_EVERY = 0.2  # seconds between two readiness checks


@dataclass
class Supervisor:
    """The process group of `up`; `stopping` is polled, and ends it with Interrupted."""

    output: ProcessOutput
    pids: Path
    cwd: Path
    env: dict[str, str]
    stopping: Callable[[], bool]
    servers: PrivateServers | None = None
    programs: list[Program] = field(default_factory=list)
    unready: set[str] = field(default_factory=set)

    def run_step(self, name: str, command: list[str]) -> None:
        """Run one command to its end.

        Raises:
            CannotStart: the command failed.
        """
        program = Program(name, command, self.pids)
        program.start(self.output, self.env, self.cwd)
        child = program.child
        try:
            while program.is_alive():
                self._supervise_once()
        finally:
            program.kill()
            self.output.print_pending(0)
        if child is not None and child.returncode:
            raise CannotStart(f"{name} {describe_exit(child.returncode)}")

    def start_all(self, commands: Mapping[str, list[str]]) -> None:
        """Start one process for each name."""
        for (name, command), colour in zip(commands.items(), get_colours(), strict=False):
            program = Program(name, command, self.pids, colour)
            self.programs.append(program)
            program.start(self.output, self.env, self.cwd)

    def await_ready(self, checks: Mapping[str, Callable[[], bool]], within: float) -> None:
        """Wait until every check returns true.

        A process that is not ready yet and ends FAILURES times makes the start fail.

        Raises:
            CannotStart: not all are ready `within` seconds, or one has failed.
        """
        self.unready = set(checks)
        deadline = time.monotonic() + within
        while True:
            self.unready = {name for name in self.unready if not checks[name]()}
            if not self.unready:
                return
            if time.monotonic() > deadline:
                names = ", ".join(sorted(self.unready))
                raise CannotStart(f"not ready within {within:g} s: {names}")
            self._supervise_once(CHECK_EVERY)

    def serve(self) -> None:
        """Keep all processes running until `stopping` ends it with Interrupted."""
        while True:
            self._supervise_once()

    def end_all(self) -> None:
        """End every process: SIGTERM to all, and SIGKILL for those left after END_WITHIN."""
        for program in self.programs:
            program.request_end()
        deadline = time.monotonic() + END_WITHIN
        while any(program.is_alive() for program in self.programs) and time.monotonic() < deadline:
            self.output.print_pending(0.05)
        for program in self.programs:
            if program.kill():
                self.output.print_own_line(
                    f"{program.name} did not end within {END_WITHIN:g} s: killed"
                )
        self.output.print_pending(0)

    def _supervise_once(self, timeout: float = 0.1) -> None:
        self.output.print_pending(timeout)
        if self.stopping():
            raise Interrupted
        self._restart_servers()
        for program in self.programs:
            if program.child is None and time.monotonic() >= program.restart_at:
                program.start(self.output, self.env, self.cwd)
            elif program.child is not None and not program.is_alive():
                self.output.print_own_line(program.handle_end())
                self._give_up_on(program)

    def _give_up_on(self, program: Program) -> None:
        recent = [at for at in program.end_times if at > time.monotonic() - FAILURES_WITHIN]
        if program.name in self.unready and len(recent) >= FAILURES:
            raise CannotStart(f"{program.name} ended {FAILURES} times before it was ready")

    def _restart_servers(self) -> None:
        if self.servers is None:
            return
        for server in self.servers.servers:
            if server.has_ended():
                self.output.print_own_line(f"{server.title} ended; starting it again")
                try:
                    self.servers.start(server)
                except CannotStart as error:
                    self.output.print_own_line(str(error))
                    time.sleep(1)
