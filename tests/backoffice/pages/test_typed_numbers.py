"""Numbers in staff's forms: text that no number field sends is refused and changes nothing."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib import admin as django_admin
from django.test import Client, RequestFactory

from accounts.models import Account, User
from alerts.deliveries.enums import AddressState, DeliveryState
from alerts.models import Address, AlertLog, Delivery
from backoffice.actions import registry
from backoffice.form_fields import KeyCheckedField, TypedDate, TypedNumber
from market.models import Symbol
from tests.backoffice.actions.account_actions import action_url as account_action_url
from tests.backoffice.actions.account_actions import execute_form, post_form, refusal_text
from tests.backoffice.actions.trade_actions import action_url, form_errors, submit_action
from tests.backoffice.forms import sign_in
from tests.not_numbers import FULL_WIDTH, NOT_DECIMAL, NOT_TYPED
from trading.models import Trade

STRICT: list[tuple[type[forms.Field], type[Any]]] = [
    (forms.IntegerField, TypedNumber),
    (forms.ModelChoiceField, KeyCheckedField),
    (forms.DateField, TypedDate),
    (forms.DateTimeField, TypedDate),
]


def fields(admin: User) -> Iterator[tuple[str, forms.Field]]:
    """Every field of every form of the backoffice, by where it stands."""
    request = RequestFactory().get("/")
    request.user = admin
    for model, page in django_admin.site._registry.items():
        for form in (page.get_form(request), page.get_form(request, change=True)):
            shown: Any = form
            for name, field in shown.base_fields.items():
                yield f"{model._meta.label}.{name}", field
    for (label, action), entry in registry.all_actions().items():
        for name, field in entry.form.base_fields.items():
            yield f"{label}/{action}.{name}", field


def test_every_number_row_and_date_field_is_strict(admin: User) -> None:
    lax = {
        name
        for name, field in fields(admin)
        for kind, strict in STRICT
        if isinstance(field, kind) and not isinstance(field, strict)
    }
    assert lax == set()
    assert len(list(fields(admin))) > 100


@pytest.fixture
def alices(alice: Account, admin: User, client: Client) -> Client:
    client.force_login(admin)
    return client


@pytest.mark.parametrize("text", NOT_DECIMAL)
def test_a_malformed_amount_moves_no_money(alices: Client, alice: Account, text: str) -> None:
    assert "Enter a number" in refusal_text(
        post_form(alices, account_action_url(alice, "deposit"), amount=text)
    )
    alice.refresh_from_db()
    assert alice.balance == 10_000


@pytest.mark.parametrize("text", NOT_TYPED)
def test_a_malformed_number_changes_no_account_terms(
    alices: Client, alice: Account, text: str
) -> None:
    answer = post_form(
        alices, account_action_url(alice, "terms"), group=alice.group_id, leverage=text
    )
    assert "Enter a whole number" in refusal_text(answer)
    answer = post_form(
        alices, account_action_url(alice, "terms"), group=f"{alice.group_id}_0", leverage=50
    )
    assert "group" in refusal_text(answer)
    alice.refresh_from_db()
    assert alice.leverage == 100


@pytest.mark.parametrize("text", NOT_DECIMAL)
def test_a_malformed_price_changes_no_order(alices: Client, pending: Trade, text: str) -> None:
    assert "price" in form_errors(
        submit_action(alices, action_url(pending, "modify"), price=text, reason="r")
    )
    pending.refresh_from_db()
    assert str(pending.open_price) == "1.05000000"


@pytest.mark.parametrize("text", [text for text in NOT_DECIMAL if text in NOT_TYPED])
def test_a_malformed_number_changes_no_symbol(alices: Client, eurusd: Symbol, text: str) -> None:
    fields = ("lot_max", "contract_size", "digits", "quote_timeout")
    page = alices.post("/admin/market/symbol/EURUSD/change/", dict.fromkeys(fields, text))
    before = {field: getattr(eurusd, field) for field in fields}
    eurusd.refresh_from_db()
    for field in fields:
        assert page.context["adminform"].form.errors[field], field
        assert getattr(eurusd, field) == before[field]


@pytest.mark.parametrize(
    ("action", "field", "text", "meanings"),
    [
        ("deposit", "amount", "1,000", "1000 or 1"), ("withdraw", "amount", "1.000", "1000 or 1"),
        ("open-trade", "lots", "1,500", "1500 or 1.5"),
        ("open-trade", "sl", "1,105", "1105 or 1.105"),
    ],
)  # fmt: skip
def test_what_may_mean_two_numbers_is_asked_back(
    alices: Client, alice: Account, action: str, field: str, text: str, meanings: str
) -> None:
    answer = post_form(alices, account_action_url(alice, action), **{field: text})
    assert f"“{text}” may mean {meanings}" in answer.context["form"].errors[field][0]
    alice.refresh_from_db()
    assert alice.balance == 10_000


def test_forms_have_text_inputs_for_numbers(
    admin: User, alice: Account, eurusd: Symbol, alices: Client
) -> None:
    kinds = {name: field.widget.input_type for name, field in fields(admin) if is_number(field)}
    assert set(kinds.values()) == {"text"}
    page = alices.get(account_action_url(alice, "deposit")).content.decode()
    (amount,) = re.findall(r'<input[^>]*name="amount"[^>]*>', page)
    assert 'type="text"' in amount
    assert 'inputmode="decimal"' in amount


def is_number(field: forms.Field) -> bool:
    return isinstance(field, forms.IntegerField) and not field.widget.is_hidden


@pytest.mark.parametrize("text", [" 10 ", "10.0", "010", "10,00"])
def test_blanks_and_zeros_around_a_number_are_accepted(
    alices: Client, alice: Account, text: str
) -> None:
    execute_form(alices, account_action_url(alice, "deposit"), amount=text)
    alice.refresh_from_db()
    assert alice.balance == 10_010


def test_a_date_in_non_ascii_digits_is_refused(alices: Client, pending: Trade) -> None:
    answer = submit_action(
        alices, action_url(pending, "modify"), expiration=f"20{FULL_WIDTH}-01-01T00:00", reason="r"
    )
    assert "expiration" in form_errors(answer)


def test_an_underscore_in_a_rows_address_finds_no_row(alices: Client, alice: Account) -> None:
    for path in ("change/", "live/", "do/deposit/"):
        assert alices.get(f"/admin/accounts/account/100001/{path}").status_code == 200
        assert alices.get(f"/admin/accounts/account/10_0001/{path}").status_code in (302, 404)


def test_an_underscore_in_a_ticked_row_selects_nothing(
    alices: Client, log: AlertLog, everything: None
) -> None:
    Address.objects.update(state=AddressState.VERIFIED)
    Delivery.objects.update(state=DeliveryState.GIVEN_UP, id=10)
    ticked = {"action": "send_again", "_selected_action": "1_0"}
    alices.post("/admin/alerts/delivery/", ticked)
    assert Delivery.objects.get().state == DeliveryState.GIVEN_UP
    alices.post("/admin/alerts/delivery/", {**ticked, "_selected_action": "10"})
    assert Delivery.objects.get().state == DeliveryState.WAITING


@pytest.mark.parametrize("login", ["0_1", "\u0661", "+1"])
def test_a_login_in_non_ascii_digits_cannot_sign_in(admin: User, login: str) -> None:
    assert sign_in(Client(), login).status_code == 200
    assert sign_in(Client(), "1").status_code == 302
