"""The budgets of names and layout: no number grows, and lowered ones are written to the table."""

from functools import cache

import pytest

from tests.budgets.ceilings import lowered, read_ceilings
from tests.budgets.measures import MEASURES


@cache
def measured(measure: str) -> dict[str, int]:
    return MEASURES[measure]()


def test_every_measure_has_its_ceilings() -> None:
    assert list(read_ceilings()) == list(MEASURES)


@pytest.mark.parametrize("measure", MEASURES)
def test_no_number_grows_beyond_its_ceiling(measure: str) -> None:
    ceilings = read_ceilings()[measure]
    grown = {
        name: f"{number}, was {ceilings.get(name, 'within the budget')}"
        for name, number in measured(measure).items()
        if number > ceilings.get(name, 0)
    }
    assert grown == {}


@pytest.mark.parametrize("measure", MEASURES)
def test_ceilings_are_lowered_to_what_is_measured(measure: str) -> None:
    ceilings = {measure: read_ceilings()[measure]}
    fallen = lowered(ceilings, {measure: measured(measure)})
    assert ceilings == fallen, "run: PYTHONPATH=platform .venv/bin/python -m tests.budgets"


def test_lowering_raises_or_adds_no_ceiling() -> None:
    ceilings = {"files_per_folder": {"market": 30, "trading": 40, "alerts": 25}}
    measured = {"files_per_folder": {"market": 31, "trading": 35, "accounts": 21}}
    assert lowered(ceilings, measured) == {"files_per_folder": {"market": 30, "trading": 35}}
