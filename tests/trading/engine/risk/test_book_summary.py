"""The book summary equals the sums of `trading.valuation` over the same accounts, to the cent."""

from collections import Counter, defaultdict
from decimal import Decimal as D
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.conversion import ConversionSide
from market.errors import OffQuotes
from market.models import LOT
from tests.fuzz import examples
from tests.trading.engine.risk.random_market import PRICES, RiskWorld, random_world
from trading.engine.book_summary import NEAREST, summarize_book
from trading.valuation.account import Figures

SEEDS = st.integers(0, 2**32)


def cent(figure: float | D) -> Any:
    return pytest.approx(float(figure), abs=0.005)


def figures_by_group(world: RiskWorld) -> dict[int, dict[int, Figures]]:
    """Return group → login → figures of the accounts with positions, by Decimal."""
    found: dict[int, dict[int, Figures]] = defaultdict(dict)
    for login, account in world.accounts.items():
        if world.positions[login]:
            found[account.group.pk][login] = world.figures(login)
    return found


def exposure_by_group(world: RiskWorld) -> dict[int, dict[str, list[D]]]:
    """Return group → symbol → long, short, floating, money per pip, by Decimal."""
    found: dict[int, dict[str, list[D]]] = defaultdict(dict)
    for login, account in world.accounts.items():
        valuation = world.valuation(login)
        for position in world.positions[login].values():
            symbol = position.instrument
            sums = found[account.group.pk].setdefault(symbol.name, [D(0)] * 4)
            sums[0 if position.direction > 0 else 1] += position.volume
            sums[2] += valuation.floating_profit(position)
            point = D(1).scaleb(-symbol.digits) * (10 if symbol.digits % 2 else 1)
            per_point = symbol.contract_size * position.volume / LOT * point
            if symbol.name in ("SP", "OIL"):
                per_point *= D("12.5") / D("0.25")
            rate = valuation.rate(symbol.quote_currency, ConversionSide.MID).value
            sums[3] += position.direction * per_point * rate
    return found


@settings(max_examples=examples(60), deadline=None)
@given(SEEDS)
def test_the_sums_of_a_group_are_those_of_its_accounts(seed: int) -> None:
    world = random_world(seed)
    world.process([world.tick(world.chance.choice(list(PRICES))) for _ in range(20)])
    found, wanted = summarize_book(world.book), figures_by_group(world)
    assert set(found) == set(wanted)
    for group, figures in wanted.items():
        seen, rows = found[group], figures.values()
        assert seen["currency"] == world.groups[group].currency
        assert seen["accounts"] == len(figures)
        assert seen["trades"] == sum(len(world.positions[login]) for login in figures)
        assert seen["own"] == cent(sum(row.balance + row.credit for row in rows))
        assert seen["floating"] == cent(sum(r.profit + r.storage + r.commission for r in rows))
        assert seen["equity"] == cent(sum(row.equity for row in rows))
        assert seen["margin"] == cent(sum(row.margin for row in rows))


@settings(max_examples=examples(40), deadline=None)
@given(SEEDS)
def test_a_groups_exposure_in_each_symbol_is_summed(seed: int) -> None:
    world = random_world(seed)
    found, wanted = summarize_book(world.book), exposure_by_group(world)
    assert {group: set(seen["symbols"]) for group, seen in found.items()} == {
        group: set(of) for group, of in wanted.items()
    }
    for group, symbols in wanted.items():
        for name, sums in symbols.items():
            assert found[group]["symbols"][name] == [cent(one) for one in sums]


@settings(max_examples=examples(40), deadline=None)
@given(SEEDS)
def test_the_nearest_to_a_stop_out_come_first_with_their_figures(seed: int) -> None:
    world = random_world(seed)
    found = summarize_book(world.book)
    for group, figures in figures_by_group(world).items():
        rows = found[group]["nearest"]
        assert Counter(row[0] for row in rows) == Counter(
            login for login, row in figures.items() if row.margin
        )
        assert [row[5] for row in rows] == sorted(row[5] for row in rows)
        for login, level, equity, margin, kind, above in rows:
            wanted = figures[login]
            assert wanted.level is not None
            assert (level, equity) == (pytest.approx(float(wanted.level)), cent(wanted.equity))
            assert (margin, kind) == (cent(wanted.margin), wanted.level_type)
            assert (above <= 0) == (kind == 2)


def test_the_list_of_nearest_accounts_is_limited() -> None:
    world = random_world(3, accounts=500, positions=1500)
    for group, figures in figures_by_group(world).items():
        rows = summarize_book(world.book)[group]["nearest"]
        levels = sorted(row.level for row in figures.values() if row.level is not None)
        assert len(rows) == min(NEAREST, len(levels)) == NEAREST
        if world.groups[group].margin_type == 0:
            assert [row[1] for row in rows] == pytest.approx(
                [float(one) for one in levels[:NEAREST]]
            )


def test_without_prices_there_is_no_profit() -> None:
    world = RiskWorld(Random(5), quoted=False)
    world.add_account(1)
    world.add_position(1, 1)
    (seen,) = summarize_book(world.book).values()
    ((_, _, floating, _),) = seen["symbols"].values()
    assert floating == 0
    with pytest.raises(OffQuotes):
        world.figures(1)


def test_an_empty_book_has_no_groups() -> None:
    assert summarize_book(RiskWorld(Random(1)).book) == {}


def test_an_account_without_positions_is_not_counted() -> None:
    world = RiskWorld(Random(2))
    for login in (1, 2):
        world.add_account(login)
        world.add_position(login, login)
    world.close(1, 1)
    assert sum(seen["accounts"] for seen in summarize_book(world.book).values()) == 1
