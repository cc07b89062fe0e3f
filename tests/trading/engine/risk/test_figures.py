"""The risk book's floats are the figures of `trading.valuation`, for every kind of account."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import examples
from tests.trading.engine.risk.random_market import (
    PRICES,
    RiskWorld,
    has_call_ended,
    random_world,
)
from trading.enums import LevelType

SEEDS = st.integers(0, 2**32)


def near(figure: Any, scale: float = 1.0) -> Any:
    return pytest.approx(float(figure), rel=1e-6, abs=1e-6 * max(scale, 1.0))


def assert_equal(world: RiskWorld) -> None:
    """Compare every account: profit by position, margin, equity, base and level."""
    for login in world.accounts:
        place = world.book.accounts.index_of(login)
        seen, wanted = world.look.figures_of(place), world.figures(login)
        gross = sum(abs(profit) for profit in seen.profits.values())
        assert set(seen.profits) == set(world.positions[login])
        assert sum(seen.profits.values()) == near(wanted.profit, gross)
        assert seen.margin == near(wanted.margin)
        assert seen.equity == near(wanted.equity, gross)
        assert seen.base - seen.margin == near(wanted.margin_free, gross)
        found = seen.base / seen.margin * 100 if seen.margin else None
        assert (found is None) == (wanted.level is None)
        if found is not None and wanted.level is not None:
            assert found == near(wanted.level, gross / float(wanted.margin) * 100)


@settings(max_examples=examples(60), deadline=None)
@given(SEEDS)
def test_random_accounts_have_the_figures_of_the_valuation(seed: int) -> None:
    world = random_world(seed)
    world.process([world.tick(world.chance.choice(list(PRICES))) for _ in range(20)])
    assert_equal(world)


@settings(max_examples=examples(30), deadline=None)
@given(SEEDS)
def test_incremental_sums_equal_recomputed_ones(seed: int) -> None:
    world = random_world(seed)
    for _ in range(5):
        world.process([world.tick(world.chance.choice(list(PRICES))) for _ in range(6)])
    world.look.revalue_all()
    figures = world.book.accounts.data
    for login in world.accounts:
        place, wanted = world.book.accounts.index_of(login), world.figures(login)
        costs = wanted.commission + wanted.storage
        gross = sum(abs(profit) for profit in world.look.figures_of(place).profits.values())
        assert figures["profit"][place] == near(wanted.profit, gross)
        assert figures["margin"][place] == near(wanted.margin)
        assert figures["costs"][place] == near(costs)


@settings(max_examples=examples(30), deadline=None)
@given(SEEDS)
def test_figures_follow_changed_terms_and_moved_accounts(seed: int) -> None:
    world = random_world(seed)
    for _ in range(4):
        if world.chance.random() < 0.5:
            world.replace_terms()
        else:
            world.move_account(world.chance.choice(list(world.accounts)))
        world.process([world.tick(world.chance.choice(list(PRICES))) for _ in range(4)])
        assert_equal(world)
        world.look.revalue_all()
        for login in world.accounts:
            place, wanted = world.book.accounts.index_of(login), world.figures(login)
            gross = sum(abs(profit) for profit in world.look.figures_of(place).profits.values())
            assert world.book.accounts.data["profit"][place] == near(wanted.profit, gross)
            assert world.book.accounts.data["margin"][place] == near(wanted.margin)


@settings(max_examples=examples(60), deadline=None)
@given(SEEDS)
def test_a_batchs_worst_case_is_no_better_than_any_quote_in_it(seed: int) -> None:
    world = random_world(seed)
    ticks = [world.tick(world.chance.choice(list(PRICES)), 0.05) for _ in range(12)]
    world.look.scan_batch(ticks)
    figures = {name: column.copy() for name, column in world.book.accounts.data.items()}
    for tick in ticks:
        world.process([tick])
        for login in world.accounts:
            place, seen = world.book.accounts.index_of(login), world.figures(login)
            assert figures["profit"][place] <= float(seen.profit) + 1e-4
            assert figures["margin"][place] >= float(seen.margin) - 1e-4


def is_action_due(world: RiskWorld, login: int) -> bool:
    """Return whether the margin rules demand something of the account now, by Decimal alone."""
    account, seen = world.accounts[login], world.figures(login)
    positions = list(world.positions[login].values())
    if not positions:
        return False
    net: dict[str, int] = {}
    for position in positions:
        name = position.instrument.name
        net[name] = net.get(name, 0) + position.direction * position.volume
    hedged = account.group.stopout_skip_hedged and seen.equity > 0 and not any(net.values())
    stop = seen.level_type is LevelType.STOP_OUT and not hedged
    if not seen.margin:
        stop = seen.equity <= 0
    low = seen.level_type is not LevelType.OK
    return stop or (has_call_ended(account, seen) if account.margin_called else low)


@settings(max_examples=examples(100), deadline=None)
@given(SEEDS)
def test_the_scan_misses_no_account_at_any_quote(seed: int) -> None:
    world = random_world(seed, accounts=20, positions=60)
    for _ in range(3):
        ticks = [world.tick(world.chance.choice(list(PRICES)), 0.04) for _ in range(8)]
        suspects = world.look.scan_batch(ticks)
        for tick in ticks:
            world.look.advance(tick)
            world.quotes[tick.symbol] = tick
            for login in world.accounts:
                place = world.book.accounts.index_of(login)
                if tick.symbol in world.look.moving_symbols(place) and is_action_due(world, login):
                    assert place in suspects
                    assert world.look.check_reason(place) is not None


@settings(max_examples=examples(60), deadline=None)
@given(SEEDS)
def test_only_accounts_with_a_due_action_are_reported(seed: int) -> None:
    world = random_world(seed)
    for place in range(world.book.accounts.size):
        login = world.book.accounts.updates[place].login
        assert (world.look.check_reason(place) is not None) == is_action_due(world, login)


def test_a_position_without_a_price_has_no_profit_and_no_action() -> None:
    world = RiskWorld(Random(1), quoted=False)
    world.add_account(1)
    world.add_position(1, 1)
    assert world.look.scan_batch([]) == []
    assert set(world.look.figures_of(0).profits.values()) == {0.0}
    assert world.look.check_reason(0) is None
