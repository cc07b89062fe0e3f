"""Random orders over a generated path against a brute-force scan of every single quote."""

from itertools import count
from random import Random

import pytest

from core.clock import now_ms
from market import quotes
from tests.trading.engine.brute import drive, paths
from tests.trading.engine.brute.drive import Desk, Tape, furnish, play
from tests.trading.engine.brute.keepers import Deaf, Late, Prompt, Restarted
from tests.trading.engine.brute.oracle import Op, counted, tradable
from tests.trading.engine.brute.outcome import compared, expected
from tests.trading.engine.brute.plans import Planner
from tests.trading.engine.brute.processes import dividing, killing

pytestmark = pytest.mark.django_db(transaction=True)
QUOTES, ORDERS, MOMENTS = 6000, 200, 80
KINDS = {"open", "activate", "stop loss", "take profit", "close"}


def setting(chance: Random, moments: int) -> tuple[Tape, Desk, list[Op]]:
    """Return a tape, its clients, and a plan of operations at that many moments."""
    raws = paths.walk(chance, QUOTES)
    furnish(paths.TERMS, ORDERS)
    at = sorted(chance.sample(range(len(paths.TERMS), QUOTES), moments))
    plan = Planner(chance, tradable(raws, paths.TERMS), ORDERS).plan(at)
    return Tape(raws), Desk(paths.TERMS), plan


def check(tape: Tape, desk: Desk) -> None:
    """Check that no event is missing or extra, and that there were enough of them."""
    found = expected(desk, tape)
    differences = list(compared(desk, tape, found))
    if differences:
        pytest.fail("\n".join(differences[:40]), pytrace=False)
    assert set(counted(found.events.values())) == KINDS
    assert len(tape.numbers) < QUOTES  # some were not tradable
    left = {standing.state for standing in found.standing.values()}
    assert left >= {"open", "closed", "expired"}


@pytest.mark.parametrize("keeper", [Prompt, Late, Deaf, Restarted])
def test_an_engine_finds_what_the_brute_force_finds(keeper: type[Prompt]) -> None:
    chance = Random(f"four {keeper.__name__}")
    tape, desk, plan = setting(chance, MOMENTS)
    play(tape, desk, plan, keeper(tape, chance), lambda: chance.choice((1, 2, 5, 20, 60)))
    check(tape, desk)


def test_minutes_between_two_quotes_of_a_slow_machine_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = Random("slow")
    raws = paths.walk(chance, 600)
    furnish(paths.TERMS, 40)
    plan = Planner(chance, tradable(raws, paths.TERMS), 40).plan(range(50, 600, 20))
    tape, desk = Tape(raws), Desk(paths.TERMS)
    times = count(now_ms(), 90_000)
    for module in (drive, quotes):
        monkeypatch.setattr(module, "now_ms", lambda: next(times))
    play(tape, desk, plan, Prompt(tape, chance), lambda: chance.choice((1, 5, 20)))
    assert not list(compared(desk, tape, expected(desk, tape)))
    assert len(desk.orders) == 40


@pytest.mark.timeout(300)  # processes start slowly on a busy machine
def test_killed_engines_and_their_standbys_find_it_too() -> None:
    chance = Random("four killed")
    tape, desk, plan = setting(chance, 10)
    with killing(tape, chance, 0.02) as keeper:
        play(tape, desk, plan, keeper, lambda: chance.choice((5, 20, 60)))
        assert keeper.kills >= 3
    check(tape, desk)


@pytest.mark.timeout(300)
def test_engines_of_changing_numbers_of_shards_find_it_too() -> None:
    chance = Random("four divided")
    tape, desk, plan = setting(chance, 5)
    with dividing(tape, chance, (1, 3, 1)) as keeper:
        play(tape, desk, plan, keeper, lambda: chance.choice((5, 20, 60)))
    check(tape, desk)
