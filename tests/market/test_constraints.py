"""Allowed values of a symbol, in the admin's form and in database constraints."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Account, Group, User
from market import frozen_fields
from market.models import Symbol
from tests import factories
from tests.backoffice.fixtures import Browser, browser
from tests.backoffice.forms import submit
from tests.conftest import Signed

__all__ = ["browser"]  # the fixture
URL = "/admin/market/symbol/EURUSD/change/"
WRONG: list[dict[str, Any]] = [
    {"contract_size": "0"},
    {"contract_size": "-100000"},
    {"margin_divider": "0"},
    {"margin_divider": "-1"},
    {"margin_initial": "-1"},
    {"tick_size": "-0.1"},
    {"tick_value": "-1"},
    {"lot_min": "500", "lot_max": "1"},
    {"lot_min": "0"},
    {"lot_step": "0"},
    {"lot_min": "10", "lot_max": "105", "lot_step": "10"},
    {"lot_min": "15", "lot_max": "100", "lot_step": "10"},
    {"filter_percent": "-1"},
    {"comm_base": "-5"},
    {"demo_price": "-1"},
    {"quote_timeout": "0"},
    {"max_source_age": "-1"},
    {"max_source_age": "31622401"},
    {"digits": "9"},
]


def test_the_form_refuses_invalid_values(
    browser: Browser, dan: User, eurusd: Symbol, subtests: pytest.Subtests
) -> None:
    client = browser(dan)
    form = client.get(URL).context["adminform"].form
    values = {name: form[name].value() for name in form.fields} | {"_reason": "asked"}
    shown = {name: v for name, v in values.items() if v not in (None, "") and v is not False}
    for change in WRONG:
        with subtests.test(str(change)):
            answer = client.post(URL, shown | change)
            assert answer.status_code == 200
            assert answer.context["adminform"].form.errors
            kept: Any = Symbol.objects.get(pk="EURUSD")
            assert all(getattr(kept, name) == getattr(eurusd, name) for name in change)
    assert client.post(URL, shown).status_code == 302, "without a change nothing is wrong"


def test_the_database_refuses_invalid_values(eurusd: Symbol, subtests: pytest.Subtests) -> None:
    for change in WRONG:
        with (
            subtests.test(str(change)),
            pytest.raises(IntegrityError, match="check constraint"),
            transaction.atomic(),
        ):
            Symbol.objects.update(**change)


def test_a_name_that_no_request_can_contain_is_refused(
    eurusd: Symbol, subtests: pytest.Subtests
) -> None:
    for name in ("US500.cash", "eurusd", "EUR USD", "EUR,USD", "E*", "Ä", "EUR\n"):
        eurusd.name = name
        with subtests.test(name):
            with pytest.raises(ValidationError) as refused:
                eurusd.full_clean()
            assert "name" in refused.value.message_dict
            with pytest.raises(IntegrityError, match="symbol_name"), transaction.atomic():
                eurusd.save(force_insert=True)


@pytest.mark.parametrize("name", ["US500.CASH", "BRK/B", "#AAPL", "6E-Z5", "A&B", "X_1"])
def test_other_names_are_accepted(db: None, name: str) -> None:
    factories.symbol(name, quote_currency="USD").full_clean()


def test_fields_that_trades_depend_on_are_frozen_for_traded_symbols(
    browser: Browser, signed_in: Signed, alice: Account, dan: User, eurusd: Symbol
) -> None:
    order = {"cmd": 0, "volume": 100, "symbol": "EURUSD", "sl": 0, "tp": 0}
    opened = signed_in(alice).post("/trade/open", order).json()
    form = browser(dan).get(URL).context["adminform"].form
    assert not set(frozen_fields.FROZEN_FIELDS) & set(form.fields)
    submit(browser(dan), URL, contract_size="1", stops_level="7")
    eurusd.refresh_from_db()
    assert (int(eurusd.contract_size), eurusd.stops_level) == (100_000, 7)
    signed_in(alice).delete("/trade/close", {"order": opened["order"]})
    submit(browser(dan), URL, contract_size="1000")
    eurusd.refresh_from_db()
    assert int(eurusd.contract_size) == 1000


def test_a_groups_amounts_are_not_negative(
    browser: Browser, admin: User, alice: Account, subtests: pytest.Subtests
) -> None:
    group, client = Group.objects.get(name="demo-usd"), browser(admin)
    for field in ("default_deposit", "margin_call", "margin_stopout"):
        with subtests.test(field):
            with pytest.raises(AssertionError, match="message"):
                submit(client, f"/admin/accounts/group/{group.pk}/change/", **{field: "-1"})
            with pytest.raises(IntegrityError, match="check constraint"), transaction.atomic():
                Group.objects.update(**{field: -1})


def test_a_groups_leverage_is_bounded_in_the_database(alice: Account) -> None:
    for leverage in (0, 10_001):
        with pytest.raises(IntegrityError, match="group_leverage"), transaction.atomic():
            Group.objects.update(leverage=leverage)
