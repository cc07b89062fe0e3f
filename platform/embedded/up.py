"""`manage.py up`: runs everything that the platform needs on one machine until Ctrl-C."""

import signal
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from django.conf import settings

from core.redis import client
from core.redis_keys import alive_key
from embedded import commands, start_checks
from embedded.errors import Interrupted
from embedded.lock import claim
from embedded.output import Output
from embedded.places import configured_places
from embedded.servers import private_servers
from embedded.supervisor import Supervisor

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


class Signals:
    """Remembers that SIGINT, SIGTERM or SIGHUP came; a second one changes nothing."""

    def __init__(self) -> None:
        self.came = False
        for number in STOP_SIGNALS:
            hangup = number == signal.SIGHUP
            if not (hangup and signal.getsignal(number) == signal.SIG_IGN):  # nohup
                signal.signal(number, lambda *_: self.note())

    def note(self) -> None:
        self.came = True

    def ignore(self) -> None:
        """Ignore them for good: at exit Python's own handlers would end with an error."""
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def up() -> None:
    """Run the platform until a signal ends it."""
    signals, output = Signals(), Output()
    try:
        with ExitStack() as stack:
            run(stack, output, signals)
    except Interrupted:
        output.say("all ended")
    finally:
        signals.ignore()


def run(stack: ExitStack, output: Output, signals: Signals) -> None:
    """Start servers and processes, then supervise them; all end with the `stack`."""

    def stopping() -> bool:
        return signals.came

    places, root = configured_places(), Path(settings.BASE_DIR)
    start_checks.port_is_free(settings.PORT)
    stack.enter_context(claim(places))
    own_database, own_redis = settings.OWN_DATABASE, settings.OWN_REDIS
    private = private_servers(places, postgres=own_database, redis=own_redis, stopping=stopping)
    servers = stack.enter_context(private)
    start_checks.database_answers()
    start_checks.redis_answers()
    supervisor = Supervisor(output, places.pids, root, commands.environment(), stopping, servers)
    stack.callback(supervisor.end)
    stack.callback(output.say, "ending")
    output.say(f"data in {places.root}; preparing the database")
    supervisor.step("migrate", commands.manage("migrate", "--verbosity", "0"))
    if not settings.PRODUCTION:
        supervisor.step("seed", commands.manage("seed_demo"))
    # A heartbeat of an earlier run would count as ready.
    client().delete(*(alive_key(name) for name in commands.BEATING))
    supervisor.launch(commands.processes())
    beats = {name: partial(start_checks.process_beats, name) for name in commands.BEATING}
    supervisor.await_ready({"web": start_checks.web_answers, **beats}, READY_WITHIN)
    output.plain(WELCOME.format(host=start_checks.HOST, port=settings.PORT).rstrip("\n"))
    output.plain("" if settings.PRODUCTION else LOGINS)
    output.plain(f"ready: http://{start_checks.HOST}:{settings.PORT}/")
    supervisor.serve()
