"""A list's address filters by no column that the list does not offer."""

import pytest
from django.contrib import admin as django_admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import User

PATHS = (
    "user",
    "account__user",
    "trade__account__user",
    "asked_by",
    "staff",
    "alert__account__user",
)
COLUMNS = ("password__startswith", "email__startswith", "managed_groups__contains")
PAGES = sorted(django_admin.site._registry, key=lambda model: model._meta.label)


def leads(model: type[Model], path: str) -> bool:
    """Whether the path is one of the model's."""
    at: type[Model] | None = model
    for name in path.split("__"):
        known = {field.name: field.related_model for field in at._meta.fields} if at else {}
        found = known.get(name)
        at = found if isinstance(found, type) else None
    return at is User


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
@pytest.mark.usefixtures("no_menu")
def test_filters_on_columns_of_other_tables_are_refused(
    model: type[Model], admin: User, client: Client
) -> None:
    client.force_login(admin)
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    asked = [f"{path}__{column}" for path in PATHS if leads(model, path) for column in COLUMNS]
    if model is User:
        asked = [COLUMNS[0]]
    for lookup in asked:
        assert client.get(f"{url}?{lookup}=a").status_code == 400, lookup
    for field in ("password", "user__password", "account__user__password"):
        for name in ("_to_field", "o"):
            assert client.get(f"{url}?{name}={field}&_popup=1").status_code in (200, 400)
