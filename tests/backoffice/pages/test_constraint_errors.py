"""Values that a constraint of a model refuses are errors at its fields, beside all others."""

from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.db.models import CheckConstraint, Model
from django.forms import modelform_factory
from django.test import Client

from accounts.models import Group, User
from backoffice.pages.admin_pages import ReadOnlyPage
from backoffice.pages.constraint_errors import ConstrainedForm, constrained_fields
from market.models import GroupTerms, Holiday, Schedule, Symbol

Values = dict[str, Any]
# What violates each constraint, as a person types it: volumes of the forms are in lots.
VIOLATIONS: dict[str, Values] = {
    "group_leverage": {"leverage": 0},
    "group_default_deposit": {"default_deposit": -1},
    "group_margin_call": {"margin_call": -1},
    "group_margin_call_recovery": {"margin_call_recovery": -1},
    "group_margin_stopout": {"margin_stopout": -1},
    "symbol_name": {"name": "eurusd"},
    "symbol_digits": {"digits": 9},
    "symbol_contract_size": {"contract_size": 0},
    "symbol_margin_divider": {"margin_divider": 0},
    "symbol_margin_initial": {"margin_initial": -1},
    "symbol_margin_hedged": {"margin_hedged": -1},
    "symbol_tick_size": {"tick_size": -1},
    "symbol_tick_value": {"tick_value": -1},
    "symbol_comm_base": {"comm_base": -1},
    "symbol_filter_percent": {"filter_percent": -1},
    "symbol_demo_price": {"demo_price": -1},
    "symbol_quote_timeout": {"quote_timeout": 0},
    "symbol_max_source_age": {"max_source_age": 10**9},
    "symbol_lots": {"lot_min": 5, "lot_max": 1, "lot_step": 1},
    "symbol_lots_step": {"lot_min": 7, "lot_max": 100, "lot_step": 5},
    "schedule_hours": {"monday": "9 to 5"},
    "holiday_hours": {"hours": "9 to 5"},
    "terms_spread_or_markup": {"spread": 3, "bid_markup": 1},
    "terms_swap_or_swap_free": {"swap_free": "on", "swap_long": 1},
    "terms_fee_is_swap_free": {"swap_fee": 1},
    "terms_leverage_cap": {"leverage_cap": 0},
    "terms_comm_base": {"comm_base": -1},
    "terms_comm_minimum": {"comm_minimum": -1},
    "terms_swap_fee": {"swap_free": "on", "swap_fee": -1},
    "terms_lot_min": {"lot_min": 0},
    "terms_lot_max": {"lot_max": 0},
    "terms_lot_step": {"lot_step": 0},
}
MARKUPS = "Does not go together with “Added to the ask, points” and “Taken from the bid, points”."
# Two further mistakes in the form of each model: one of a field, one that its `clean` finds.
FURTHER: dict[type[Model], Values] = {
    Group: {"max_positions": "x", "margin_call": 1, "margin_stopout": 2},
    Symbol: {"sort_index": "x", "leverage_tiers": "[[5]]"},
    Schedule: {"name": ""},
    Holiday: {"name": ""},
    GroupTerms: {"position": "x", "symbols": "EURUSD"},
}
FOUND = {
    Group: {"max_positions"},
    Symbol: {"sort_index", "leverage_tiers"},
    Schedule: {"name"},
    Holiday: {"name"},
    GroupTerms: {"position"},
}


def editable_constraints() -> dict[str, tuple[type[Model], CheckConstraint]]:
    """Return the constraints of all models with an editable page, by name."""
    return {
        constraint.name: (model, constraint)
        for model, page in site._registry.items()
        if not isinstance(page, ReadOnlyPage)
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
        and any(model._meta.get_field(name).editable for name in constrained_fields(constraint))
    }


CONSTRAINTS = editable_constraints()


def context_of(answer: Any) -> dict[str, Any]:
    """Return what the view gave to its template."""
    found: dict[str, Any] = answer.context_data
    return found


def test_every_constraint_of_a_page_is_violated_here() -> None:
    assert set(CONSTRAINTS) - {"user_spares_a_token_or_none"} == set(VIOLATIONS)


@pytest.mark.parametrize("model", FURTHER)
@pytest.mark.usefixtures("unrendered")
def test_violated_constraints_are_errors_at_their_fields_beside_others(
    model: type[Model], admin: User, eurusd: Symbol, client: Client
) -> None:
    client.force_login(admin)
    url = f"/admin/{model._meta.label_lower.replace('.', '/')}/add/"
    form = context_of(client.get(url))["adminform"].form
    first = {name: form[name].value() for name in form.fields} | {"_reason": "asked"}
    for name, (of, constraint) in CONSTRAINTS.items():
        if of is not model:
            continue
        typed = {**first, **FURTHER[model], **VIOLATIONS[name]}
        sent = {key: value for key, value in typed.items() if value not in (None, "")}
        answer = client.post(url, {key: v for key, v in sent.items() if v is not False})
        errors = context_of(answer)["adminform"].form.errors
        fields = set(constrained_fields(constraint))
        assert "__all__" not in errors, name
        assert errors.keys() & fields, name
        assert errors.keys() >= FOUND[model] - fields, name
        assert "Constraint" not in str(errors), name


@pytest.mark.parametrize("name", ["terms_spread_or_markup", "terms_fee_is_swap_free"])
@pytest.mark.usefixtures("db")
def test_a_constraint_that_no_rule_precedes_is_said_in_words(name: str) -> None:
    _, constraint = CONSTRAINTS[name]
    form_class = modelform_factory(
        GroupTerms, form=ConstrainedForm, fields=constrained_fields(constraint)
    )
    errors = form_class(VIOLATIONS[name]).errors
    assert (
        errors
        == {
            "terms_spread_or_markup": {"spread": [MARKUPS]},
            "terms_fee_is_swap_free": {
                "swap_fee": ["Does not go together with “Swap-free” and “Nights without the fee”."]
            },
        }[name]
    )
