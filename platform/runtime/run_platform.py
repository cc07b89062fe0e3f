"""`manage.py up`: runs everything that the platform needs on one machine until Ctrl-C."""

import signal
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from django.conf import settings

from core.redis import sync_client
from core.redis_keys import alive_key
from runtime import processes, start_checks
from runtime.errors import Interrupted
from runtime.lock import claim_local_dir
from runtime.output import ProcessOutput
from runtime.paths import configured_paths
from runtime.servers import run_private_servers
from runtime.supervisor import Supervisor

READY_WITHIN = 60.0  # seconds
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

WELCOME = """
  site    http://{host}:{port}/
  docs    http://{host}:{port}/docs
  admin   http://{host}:{port}/admin/
  stream  ws://{host}:{port}/ws
"""
LOGINS = """\
  logins  100001 Alice, 100002 Bob, 1 administrator, 2 dealer, 3 support
          every password: demo1234
"""


class StopSignals:
    """Remembers that SIGINT, SIGTERM or SIGHUP came; a second one changes nothing."""

    def __init__(self) -> None:
        self.received = False
        for number in STOP_SIGNALS:
            hangup = number == signal.SIGHUP
            if not (hangup and signal.getsignal(number) == signal.SIG_IGN):  # nohup
                signal.signal(number, lambda *_: self.mark_received())

    def mark_received(self) -> None:
        self.received = True

    def ignore(self) -> None:
        """Ignore them for good: at exit Python's own handlers would end with an error."""
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def run_platform() -> None:
    """Run the platform until a signal ends it."""
    signals, output = StopSignals(), ProcessOutput()
    try:
        with ExitStack() as stack:
            run_processes(stack, output, signals)
    except Interrupted:
        output.print_own_line("all ended")
    finally:
        signals.ignore()


def run_processes(stack: ExitStack, output: ProcessOutput, signals: StopSignals) -> None:
    """Start servers and processes, then supervise them; all end with the `stack`."""

    def stopping() -> bool:
        return signals.received

    paths, root = configured_paths(), Path(settings.BASE_DIR)
    start_checks.require_free_port(settings.PORT)
    stack.enter_context(claim_local_dir(paths))
    own_database, own_redis = settings.OWN_DATABASE, settings.OWN_REDIS
    private = run_private_servers(paths, postgres=own_database, redis=own_redis, stopping=stopping)
    servers = stack.enter_context(private)
    start_checks.require_database()
    start_checks.require_redis()
    supervisor = Supervisor(
        output, paths.pids, root, processes.process_environment(), stopping, servers
    )
    stack.callback(supervisor.end_all)
    stack.callback(output.print_own_line, "ending")
    output.print_own_line(f"data in {paths.root}; preparing the database")
    supervisor.run_step("migrate", processes.manage_command("migrate", "--verbosity", "0"))
    if not settings.PRODUCTION:
        supervisor.run_step("seed", processes.manage_command("seed_demo"))
    # A heartbeat of an earlier run would count as ready.
    sync_client().delete(*(alive_key(name) for name in processes.HEARTBEAT_PROCESSES))
    supervisor.start_all(processes.process_commands())
    heartbeats = {
        name: partial(start_checks.is_process_ready, name) for name in processes.HEARTBEAT_PROCESSES
    }
    supervisor.await_ready({"web": start_checks.is_web_ready, **heartbeats}, READY_WITHIN)
    output.print_plain(WELCOME.format(host=start_checks.HOST, port=settings.PORT).rstrip("\n"))
    output.print_plain("" if settings.PRODUCTION else LOGINS)
    output.print_plain(f"ready: http://{start_checks.HOST}:{settings.PORT}/")
    supervisor.serve()
