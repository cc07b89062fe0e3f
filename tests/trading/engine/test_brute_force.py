"""Random orders over a generated path against a brute-force scan of every single quote."""

from itertools import count
from random import Random

import pytest

from core.clock import now_ms
from market.quotes import quote
from tests.trading.engine.brute_force import generated_feed, plan_player
from tests.trading.engine.brute_force.account_types import (
    OF_ACCOUNT,
    PlannedStep,
    random_changes,
    random_types,
)
from tests.trading.engine.brute_force.engine_drivers import Deaf, Late, Prompt, Restarted
from tests.trading.engine.brute_force.engine_processes import killed_engines, resharded_engines
from tests.trading.engine.brute_force.plan_outcome import compare_results, expected_result
from tests.trading.engine.brute_force.plan_player import (
    PlanClients,
    Tape,
    create_accounts,
    play_plan,
)
from tests.trading.engine.brute_force.random_plans import Planner
from tests.trading.engine.brute_force.trigger_oracle import count_events, tradable_quotes

pytestmark = pytest.mark.django_db(transaction=True)
QUOTES, ORDERS, MOMENTS = 6000, 200, 80
KINDS = {"open", "activate", "stop loss", "take profit", "close"}


def make_setting(
    chance: Random, moments: int, changes: int = 0
) -> tuple[Tape, PlanClients, list[PlannedStep]]:
    """Return a tape, its clients, and a plan of operations at that many moments.

    The accounts are of several types; `changes` is how often terms or an account's type change.
    """
    terms = generated_feed.TERMS
    raws = generated_feed.random_feed(chance, QUOTES)
    quotes = tradable_quotes(raws, terms)
    types = random_types(chance, quotes)
    create_accounts(terms, ORDERS, types)
    at, later = (
        sorted(chance.sample(range(len(terms), QUOTES), number)) for number in (moments, changes)
    )
    plan: list[PlannedStep] = [*Planner(chance, quotes, ORDERS).plan(at)]
    plan += random_changes(chance, quotes, later, ORDERS // OF_ACCOUNT)
    return Tape(raws), PlanClients(terms, types), sorted(plan, key=lambda step: step.at)


def check_outcome(tape: Tape, desk: PlanClients) -> None:
    """Check that no event is missing or extra, and that there were enough of them."""
    found = expected_result(desk, tape)
    differences = list(compare_results(desk, tape, found))
    if differences:
        pytest.fail("\n".join(differences[:40]), pytrace=False)
    assert set(count_events(found.events.values())) == KINDS
    assert len(tape.numbers) < QUOTES  # some were not tradable
    left = {standing.state for standing in found.standing.values()}
    assert left >= {"open", "closed", "expired"}


@pytest.mark.parametrize("driver", [Prompt, Late, Deaf, Restarted])
def test_engines_in_trouble_match_the_brute_force(driver: type[Prompt]) -> None:
    chance = Random(f"four {driver.__name__}")
    # A start compares quotes from before a change again, by the terms after it (ADR 0157).
    changes = 0 if driver is Restarted else 24
    tape, desk, plan = make_setting(chance, MOMENTS, changes)
    play_plan(tape, desk, plan, driver(tape, chance), lambda: chance.choice((1, 2, 5, 20, 60)))
    check_outcome(tape, desk)


def test_a_slow_machine_changes_no_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = Random("slow")
    raws = generated_feed.random_feed(chance, 600)
    create_accounts(generated_feed.TERMS, 40)
    plan = Planner(chance, tradable_quotes(raws, generated_feed.TERMS), 40).plan(range(50, 600, 20))
    tape, desk = Tape(raws), PlanClients(generated_feed.TERMS)
    times = count(now_ms(), 90_000)
    for module in (plan_player, quote):
        monkeypatch.setattr(module, "now_ms", lambda: next(times))
    play_plan(tape, desk, plan, Prompt(tape, chance), lambda: chance.choice((1, 5, 20)))
    assert not list(compare_results(desk, tape, expected_result(desk, tape)))
    assert len(desk.orders) == 40


@pytest.mark.timeout(300)  # processes start slowly on a busy machine
def test_killed_engines_and_their_standbys_match_the_brute_force() -> None:
    chance = Random("four killed")
    tape, desk, plan = make_setting(chance, 10)
    with killed_engines(tape, chance, 0.02) as driver:
        play_plan(tape, desk, plan, driver, lambda: chance.choice((5, 20, 60)))
        assert driver.kills >= 3
    check_outcome(tape, desk)


@pytest.mark.timeout(300)
def test_engines_with_changing_shard_counts_match_the_brute_force() -> None:
    chance = Random("four divided")
    tape, desk, plan = make_setting(chance, 5)
    with resharded_engines(tape, chance, (1, 3, 1)) as driver:
        play_plan(tape, desk, plan, driver, lambda: chance.choice((5, 20, 60)))
    check_outcome(tape, desk)
