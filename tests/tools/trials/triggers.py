"""The brute force over real ticks.

Start it by `PYTHONPATH=.:platform python -m tests.tools.trials.triggers FILE…`.

The orders are random by `--seed`; every run is played twice: by one engine that is late, deaf and
dropped in turns, and by processes that are killed. `--quotes` takes the first ones only.
"""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable
from heapq import merge
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.tools.bench.servers import bench_servers

if TYPE_CHECKING:
    from tests.trading.engine.brute_force.plan_player import PlanClients, Tape
    from tests.trading.engine.brute_force.trigger_oracle import PlannedRequest, RawQuote


def main() -> int:
    """Run it; return 1 where something differs."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quotes", type=int, default=150_000)
    asked = parser.parse_args()
    with bench_servers():
        differences = [run_trial(asked, way) for way in (run_mixed, run_killed)]
    return int(any(differences))


def run_trial(
    asked: Namespace, way: "Callable[[Tape, PlanClients, list[PlannedRequest], Random], str]"
) -> int:
    """Run once on empty servers; return the number of differences."""
    from django.core.management import call_command

    from core import redis
    from market import catalog
    from tests.trading.engine.brute_force import plan_outcome, real_symbols, trigger_oracle
    from tests.trading.engine.brute_force.plan_player import PlanClients, Tape, create_accounts
    from tests.trading.engine.brute_force.random_plans import Planner

    call_command("flush", interactive=False, verbosity=0)
    redis.sync_client().flushall()
    catalog.clear_catalog()
    chance = Random(asked.seed)
    raws = read_ticks(asked.files, asked.quotes)
    terms = {raw.symbol: real_symbols.TERMS[raw.symbol] for raw in raws}
    quotes = trigger_oracle.tradable_quotes(raws, terms)
    begin = max(of[0].number for of in quotes.values()) + 1
    count = 12 if way is run_killed else 400
    moments = sorted(chance.sample(range(begin, len(raws)), count))
    create_accounts(terms, asked.orders)
    plan = Planner(chance, quotes, asked.orders).plan(moments)
    tape, desk = Tape(raws), PlanClients(terms)
    began = time.monotonic()
    trouble = way(tape, desk, plan, chance)
    seconds = time.monotonic() - began
    found = plan_outcome.expected_result(desk, tape)
    differences = list(plan_outcome.compare_results(desk, tape, found))
    counts = Counter(trigger_oracle.count_events(found.events.values()))
    counts.update(standing.state for standing in found.standing.values())
    say(f"{way.__name__}: {len(raws)} quotes, {len(tape.numbers)} tradable, {len(plan)} requests,")
    say(f"  {found.accepted.count(False)} of them refused, {trouble}, {seconds:.0f} s")
    say("  " + ", ".join(f"{name} {number}" for name, number in sorted(counts.items())))
    say(f"  differences: {len(differences)}")
    for difference in differences[:60]:
        say(difference)
    return len(differences)


def read_ticks(files: list[Path], count: int) -> "list[RawQuote]":
    """Return the first quotes of the files, merged in time."""
    from market.feed.adapters.tick_files import read_ticks
    from tests.trading.engine.brute_force.trigger_oracle import RawQuote

    merged = islice(merge(*map(read_ticks, files)), count)
    return [RawQuote(symbol, bid, ask, time) for time, symbol, bid, ask in merged]


def run_mixed(
    tape: "Tape", desk: "PlanClients", plan: "list[PlannedRequest]", chance: Random
) -> str:
    """Run one engine object after the other, each late and deaf at times."""
    from tests.trading.engine.brute_force.engine_drivers import Mixed
    from tests.trading.engine.brute_force.plan_player import play_plan

    driver = Mixed(tape, chance)
    play_plan(tape, desk, plan, driver, lambda: chance.choice((1, 10, 100, 1000)))
    return f"{driver.starts} engines"


def run_killed(
    tape: "Tape", desk: "PlanClients", plan: "list[PlannedRequest]", chance: Random
) -> str:
    """Run processes that are killed by SIGKILL."""
    from tests.trading.engine.brute_force.engine_processes import killed_engines
    from tests.trading.engine.brute_force.plan_player import play_plan

    with killed_engines(tape, chance, 5 / (len(tape.raws) / 500)) as driver:
        play_plan(tape, desk, plan, driver, lambda: chance.choice((10, 100, 1000)))
        return f"{driver.kills} kills"


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
