"""Numbers in staff's forms: text that no number field sends is refused and changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib import admin as django_admin
from django.test import Client, RequestFactory

from accounts.models import Account, User
from alerts.deliveries.enums import AddressState, DeliveryState
from alerts.models import Address, AlertLog, Delivery
from backoffice.acting import registry
from backoffice.forms import KnownRows, TypedDate, TypedNumber
from market.models import Symbol
from tests.backoffice.acts import place, refusal, send
from tests.backoffice.dealing import act, errors, page_of
from tests.backoffice.forms import sign_in
from tests.spelt import FULL_WIDTH, NOT_TYPED
from trading.models import Trade

STRICT: list[tuple[type[forms.Field], type[Any]]] = [
    (forms.IntegerField, TypedNumber),
    (forms.ModelChoiceField, KnownRows),
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
    for (label, action), entry in registry.actions().items():
        for name, field in entry.form.base_fields.items():
            yield f"{label}/{action}.{name}", field


def test_every_field_of_numbers_rows_and_dates_is_a_strict_one(admin: User) -> None:
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


@pytest.mark.parametrize("text", NOT_TYPED)
def test_no_money_is_moved_by_what_is_no_number(alices: Client, alice: Account, text: str) -> None:
    assert "Enter a number" in refusal(send(alices, place(alice, "deposit"), amount=text))
    alice.refresh_from_db()
    assert alice.balance == 10_000


@pytest.mark.parametrize("text", NOT_TYPED)
def test_no_terms_are_changed_by_it(alices: Client, alice: Account, text: str) -> None:
    answer = send(alices, place(alice, "terms"), group=alice.group_id, leverage=text)
    assert "Enter a whole number" in refusal(answer)
    answer = send(alices, place(alice, "terms"), group=f"{alice.group_id}_0", leverage=50)
    assert "group" in refusal(answer)
    alice.refresh_from_db()
    assert alice.leverage == 100


@pytest.mark.parametrize("text", NOT_TYPED)
def test_no_order_is_changed_by_it(alices: Client, pending: Trade, text: str) -> None:
    assert "price" in errors(act(alices, page_of(pending, "modify"), price=text, reason="r"))
    pending.refresh_from_db()
    assert str(pending.open_price) == "1.05000000"


@pytest.mark.parametrize("text", NOT_TYPED)
@pytest.mark.parametrize("field", ["lot_max", "contract_size", "digits", "quote_timeout"])
def test_no_symbol_is_changed_by_it(alices: Client, eurusd: Symbol, field: str, text: str) -> None:
    page = alices.post("/admin/market/symbol/EURUSD/change/", {field: text})
    assert page.context["adminform"].form.errors[field]
    before = getattr(eurusd, field)
    eurusd.refresh_from_db()
    assert getattr(eurusd, field) == before


@pytest.mark.parametrize("text", [" 10 ", "10.0", "010"])
def test_blanks_and_zeros_around_a_number_are_no_mistake(
    alices: Client, alice: Account, text: str
) -> None:
    assert send(alices, place(alice, "deposit"), amount=text).status_code == 302
    alice.refresh_from_db()
    assert alice.balance == 10_010


def test_a_date_in_other_digits_is_no_date(alices: Client, pending: Trade) -> None:
    answer = act(
        alices, page_of(pending, "modify"), expiration=f"20{FULL_WIDTH}-01-01T00:00", reason="r"
    )
    assert "expiration" in errors(answer)


def test_an_address_with_an_underscore_is_no_row(alices: Client, alice: Account) -> None:
    for path in ("change/", "live/", "do/deposit/"):
        assert alices.get(f"/admin/accounts/account/100001/{path}").status_code == 200
        assert alices.get(f"/admin/accounts/account/10_0001/{path}").status_code in (302, 404)


def test_a_tick_with_an_underscore_ticks_nothing(
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
def test_nobody_comes_in_by_a_login_in_other_digits(admin: User, login: str) -> None:
    assert sign_in(Client(), login).status_code == 200
    assert sign_in(Client(), "1").status_code == 302
