"""`make chaos`: faults under load, and whether anything was lost or done twice.

`PYTHONPATH=.:platform python -m tests.tools.chaos [--sockets 200] [--rate 2] [FAULT…]`, a fault is
`<process>:kill`, `<process>:stop`, `disk:full`, `clients:slow` or `market:crash`, in which prices
fall 5 % in two seconds while engine, PostgreSQL and Redis are killed in turn; all of them by
default, in about seven minutes.
"""

import sys
import time
from argparse import ArgumentParser

from tests.tools.chaos.faulty_platform import running_platform

NAMES = ("web", "stream", "worker", "feed", "engine", "redis", "postgres")
FULL, SLOW, CRASH = "disk:full", "clients:slow", "market:crash"
FAULTS = [*(f"{name}:{way}" for way in ("kill", "stop") for name in NAMES), SLOW, CRASH, FULL]


def main() -> int:
    """Run every fault; return 1 where something was lost, doubled or missed."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("faults", nargs="*", default=FAULTS)
    parser.add_argument("--sockets", type=int, default=200)
    parser.add_argument("--rate", type=float, default=2.0, help="requests a second of a client")
    asked = parser.parse_args()
    with running_platform(small=FULL in asked.faults) as platform:
        from tests.tools.chaos.rounds import HEAD, ChaosRun

        play = ChaosRun(platform, asked.sockets, asked.rate)
        began, wrong = time.monotonic(), []
        say(HEAD)
        try:
            for fault in asked.faults:
                if fault == FULL and platform.disk is None:
                    say("disk full: left out, only root may mount a small disk")
                    continue
                if fault == SLOW and platform.proxy is None:
                    say("clients slow: left out, Caddy is absent")
                    continue
                line, found = play.run_round(*fault.split(":"))
                say(line)
                for words in found[:20]:
                    say(f"    {words}")
                wrong += found
        except AssertionError as stuck:
            say(f"{stuck}: {play.describe_progress()}")
            say(platform.last_lines())
            return 1
        finally:
            play.end()
        say(play.summary(time.monotonic() - began))
    return int(bool(wrong))


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
