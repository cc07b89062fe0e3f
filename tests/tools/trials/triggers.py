"""The brute force over real ticks.

Start it by `PYTHONPATH=.:platform python -m tests.tools.trials.triggers FILE…`.

The orders are random by `--seed`, of accounts of several types. Every run is played by an engine
that is late while terms and types change, by one that is late, deaf and dropped in turns, and by
processes that are killed. `--quotes` takes the first ones only, `--ways` some of the plays.
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
    from tests.trading.engine.brute_force.account_types import PlannedStep
    from tests.trading.engine.brute_force.plan_player import PlanClients, Tape
    from tests.trading.engine.brute_force.trigger_oracle import RawQuote

    Way = Callable[[Tape, PlanClients, list[PlannedStep], Random], str]


def main() -> int:
    """Run it; return 1 where something differs."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quotes", type=int, default=150_000)
    ways = {"changing": run_changing, "mixed": run_mixed, "killed": run_killed}
    parser.add_argument("--ways", nargs="+", choices=ways, default=[*ways])
    asked = parser.parse_args()
    with bench_servers():
        differences = [run_trial(asked, ways[way]) for way in asked.ways]
    return int(any(differences))


def run_trial(asked: Namespace, way: "Way") -> int:
    """Run once on empty servers; return the number of differences."""
    from django.core.management import call_command

    from core import redis
    from market import catalog
    from tests.trading.engine.brute_force import plan_outcome, trigger_oracle

    call_command("flush", interactive=False, verbosity=0)
    redis.sync_client().flushall()
    catalog.clear_catalog()
    chance = Random(asked.seed)
    tape, desk, plan = make_setting(asked, way, chance)
    began = time.monotonic()
    trouble = way(tape, desk, plan, chance)
    seconds = time.monotonic() - began
    found = plan_outcome.expected_result(desk, tape)
    differences = list(plan_outcome.compare_results(desk, tape, found))
    counts = Counter(trigger_oracle.count_events(found.events.values()))
    counts.update(standing.state for standing in found.standing.values())
    say(
        f"{way.__name__}: {len(tape.raws)} quotes, {len(tape.numbers)} tradable, {len(plan)} steps,"
    )
    say(f"  {found.accepted.count(False)} of them refused, {trouble}, {seconds:.0f} s")
    say("  " + ", ".join(f"{name} {number}" for name, number in sorted(counts.items())))
    say(f"  differences: {len(differences)}")
    for difference in differences[:60]:
        say(difference)
    return len(differences)


def make_setting(
    asked: Namespace, way: "Way", chance: Random
) -> "tuple[Tape, PlanClients, list[PlannedStep]]":
    """Create symbols and accounts; return the tape, the clients, and what they and staff do."""
    from tests.trading.engine.brute_force import account_types, real_symbols, trigger_oracle
    from tests.trading.engine.brute_force.plan_player import PlanClients, Tape, create_accounts
    from tests.trading.engine.brute_force.random_plans import Planner

    raws = read_ticks(asked.files, asked.quotes)
    terms = {raw.symbol: real_symbols.TERMS[raw.symbol] for raw in raws}
    quotes = trigger_oracle.tradable_quotes(raws, terms)
    begin = max(of[0].number for of in quotes.values()) + 1
    count = 12 if way is run_killed else 400
    moments = sorted(chance.sample(range(begin, len(raws)), count))
    types = account_types.random_types(chance, quotes)
    create_accounts(terms, asked.orders, types)
    plan: list[PlannedStep] = [*Planner(chance, quotes, asked.orders).plan(moments)]
    if way is run_changing:
        later = sorted(chance.sample(range(begin, len(raws)), count))
        accounts = asked.orders // account_types.OF_ACCOUNT
        plan += account_types.random_changes(chance, quotes, later, accounts)
        plan.sort(key=lambda step: step.at)
    return Tape(raws), PlanClients(terms, types), plan


def read_ticks(files: list[Path], count: int) -> "list[RawQuote]":
    """Return the first quotes of the files, merged in time."""
    from market.feed.adapters.tick_files import read_ticks
    from tests.trading.engine.brute_force.trigger_oracle import RawQuote

    merged = islice(merge(*map(read_ticks, files)), count)
    return [RawQuote(symbol, bid, ask, time) for time, symbol, bid, ask in merged]


def run_changing(
    tape: "Tape", desk: "PlanClients", plan: "list[PlannedStep]", chance: Random
) -> str:
    """Run one engine, late at times, while terms and account types change."""
    from tests.trading.engine.brute_force.engine_drivers import Late
    from tests.trading.engine.brute_force.plan_player import play_plan

    play_plan(tape, desk, plan, Late(tape, chance), lambda: chance.choice((1, 10, 100, 1000)))
    return "one engine"


def run_mixed(tape: "Tape", desk: "PlanClients", plan: "list[PlannedStep]", chance: Random) -> str:
    """Run one engine object after the other, each late and deaf at times."""
    from tests.trading.engine.brute_force.engine_drivers import Mixed
    from tests.trading.engine.brute_force.plan_player import play_plan

    driver = Mixed(tape, chance)
    play_plan(tape, desk, plan, driver, lambda: chance.choice((1, 10, 100, 1000)))
    return f"{driver.starts} engines"


def run_killed(tape: "Tape", desk: "PlanClients", plan: "list[PlannedStep]", chance: Random) -> str:
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
