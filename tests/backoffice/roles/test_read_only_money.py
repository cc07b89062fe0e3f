"""The admin writes neither money nor its evidence, not even for an administrator."""

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import Account, User
from alerts.models import Alert, AlertLog
from trading.models import Fill, Trade

READ_ONLY: list[type[Model]] = [Account, Trade, Fill, Alert, AlertLog]
FORGED = {
    "balance": "999999",
    "credit": "999999",
    "seq": "99",
    "leverage": "10000",
    "profit": "999999",
    "volume": "1",
    "price": "9",
    "status": "2",
    "target_price": "9",
    "triggered_price": "9",
    "hidden": "on",
    "comment": "forged",
}


def snapshot(model: type[Model]) -> list[dict[str, object]]:
    return list(model._default_manager.order_by("pk").values())


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model._meta.label)
@pytest.mark.usefixtures("everything")
def test_posts_cannot_change_add_or_delete_money_rows(
    model: type[Model], admin: User, client: Client
) -> None:
    client.force_login(admin)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    row = model._default_manager.first()
    assert row
    before = snapshot(model)
    for url in (
        reverse(f"{name}_change", args=[row.pk]),
        reverse(f"{name}_add"),
        reverse(f"{name}_delete", args=[row.pk]),
    ):
        assert client.post(url, {**FORGED, "post": "yes"}).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    client.post(reverse(f"{name}_changelist"), bulk)
    assert snapshot(model) == before


def test_a_users_form_has_no_money_fields(alice: Account, admin: User, client: Client) -> None:
    client.force_login(admin)
    page = client.get("/admin/accounts/user/100001/change/")
    names = set(page.context["adminform"].form.fields)
    assert not names & {"balance", "credit", "seq", "password", "session_version", "is_superuser"}
