"""A symbol's conditions are validated together, with errors at the field."""

from typing import Any

import pytest

from accounts.models import User
from market.backoffice.symbol_form import FIELDSETS, HELP_TEXTS
from market.leverage_tiers import format_tiers
from market.models import LastQuote, Symbol
from tests.backoffice.fixtures import Browser, browser
from tests.backoffice.forms import submit

__all__ = ["browser"]  # the fixture
URL = "/admin/market/symbol/EURUSD/change/"
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"tick_size": "0.000015"}, "tick_size", "multiple of the point, 0.00001"),
    ({"tick_value": "5"}, "tick_size", "takes a tick size"),
    ({"tick_size": "0.0001", "profit_mode": "2"}, "tick_value", "the value of a tick"),
    ({"tick_size": "0.0001", "margin_mode": "3"}, "tick_value", "the value of a tick"),
    ({"margin_mode": "2"}, "margin_initial", "without it none is asked"),
    ({"margin_mode": "1", "leverage_tiers": "[[null, 5]]"}, "leverage_tiers", "go by leverage"),
    ({"stops_level": "120000"}, "stops_level", "That is 1.20000, and the last price is 1.1"),
    ({"freeze_level": "120000"}, "freeze_level", "the last price"),
    ({"comm_type": "2", "comm_base": "101"}, "comm_base", "More than 100 percent"),
]
RIGHT: list[dict[str, Any]] = [
    {"tick_size": "0.00005"},
    {"tick_size": "0.0001", "tick_value": "10", "profit_mode": "2"},
    {"margin_mode": "2", "margin_initial": "900"},
    {"margin_mode": "4", "leverage_tiers": "[[5, 20], [null, 5]]"},
    {"stops_level": "100", "freeze_level": "50"},
    {"comm_type": "2", "comm_base": "0.1"},
]


@pytest.fixture
def quoted(eurusd: Symbol) -> Symbol:
    LastQuote.objects.create(symbol=eurusd, bid="1.1", ask="1.2", time=1, received=1, number=1)
    return eurusd


def test_contradicting_fields_are_an_error_at_the_field(
    browser: Browser, dan: User, quoted: Symbol, subtests: pytest.Subtests
) -> None:
    client = browser(dan)
    for change, field, says in WRONG:
        with subtests.test(f"{change}"):
            with pytest.raises(AssertionError, match=says) as refused:
                submit(client, URL, **change)
            assert f'"{field}"' in str(refused.value)
            kept = Symbol.objects.get()
            assert all(getattr(kept, name) == getattr(quoted, name) for name in change)


@pytest.mark.parametrize("change", RIGHT, ids=str)
def test_consistent_fields_are_saved(
    browser: Browser, dan: User, quoted: Symbol, change: dict[str, Any]
) -> None:
    submit(browser(dan), URL, **change)
    kept = Symbol.objects.get()
    differ = [name for name in change if getattr(kept, name) != getattr(quoted, name)]
    assert differ


def test_every_field_is_shown_once_and_has_its_unit(
    browser: Browser, dan: User, eurusd: Symbol
) -> None:
    fields = [
        name
        for _, rows in FIELDSETS
        for row in rows
        for name in ([row] if isinstance(row, str) else row)
    ]
    assert sorted([*fields, "schedule"]) == sorted(f.name for f in Symbol._meta.fields)
    assert set(HELP_TEXTS) <= set(fields)
    page = browser(dan).get(URL).content.decode()
    assert "Units of the base in 1.00 lot." in page


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ([], ""),
        ([[None, 30]], "any size 1:30"),
        ([[50, 500], [100.5, 200], [None, 20]],
         "up to 50 lots 1:500, up to 100.5 lots 1:200, above 1:20"),
    ],
)  # fmt: skip
def test_leverage_tiers_are_formatted(stored: list[list[Any]], words: str) -> None:
    assert format_tiers(stored) == words


def test_the_form_shows_the_leverage_tiers_as_text(
    browser: Browser, dan: User, eurusd: Symbol
) -> None:
    Symbol.objects.update(leverage_tiers=[[50, 500], [None, 20]])
    page = browser(dan).get(URL).content.decode()
    assert "Now: up to 50 lots 1:500, above 1:20." in page
    Symbol.objects.update(leverage_tiers=[])
    assert "Now: up to" not in browser(dan).get(URL).content.decode()
