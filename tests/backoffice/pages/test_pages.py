"""Every registered model's pages answer in few queries, with any search and filter."""

from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from backoffice.attention import matters
from market import catalog
from market.sessions import timetable
from staff_auth import session_limits

MODELS = sorted(django_admin.site._registry, key=lambda model: model._meta.label)
MOST_QUERIES = 25


def address(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def check_loads(client: Client, url: str) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.get(url)
    assert answer.status_code == 200, url
    assert len(queries) <= MOST_QUERIES, [query["sql"] for query in queries]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.usefixtures("everything", "no_menu")
def test_every_list_and_row_page_answers(model: type[Model], admin: User, client: Client) -> None:
    client.force_login(admin)
    row = model._default_manager.first()
    assert row, "the fixture has no row of this model"
    check_loads(client, address(model, "changelist"))
    check_loads(client, address(model, "change", row.pk))
    history = client.get(address(model, "history", row.pk))
    check_loads(client, history["Location"])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.usefixtures("everything", "no_menu")
def test_every_list_searches_and_sorts_by_every_column(
    model: type[Model], admin: User, client: Client
) -> None:
    client.force_login(admin)
    for term in ("100001", "EURUSD", "Alice x", "1" * 30, "a%00b", "'; --", "٣"):
        check_loads(client, f"{address(model, 'changelist')}?q={term}")
    columns = django_admin.site._registry[model].list_display
    for number in range(1, len(columns) + 1):
        check_loads(client, f"{address(model, 'changelist')}?o=-{number}")


@pytest.mark.usefixtures("everything")
def test_the_page_of_a_missing_row_redirects_to_the_list(admin: User, client: Client) -> None:
    client.force_login(admin)
    for model in MODELS:
        assert client.get(address(model, "change", "999")).status_code == 302
        assert client.get(address(model, "change", "x_y")).status_code == 302


@pytest.mark.usefixtures("everything", "no_menu")
def test_the_query_count_does_not_depend_on_the_number_of_rows(
    admin: User, client: Client, bob: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_limits, "WRITE_INTERVAL", 3600)  # else one page in 15 s writes it
    for cache in (catalog, timetable, matters):  # else one page in some seconds reads them again
        monkeypatch.setattr(cache, "CACHE_SECONDS", 3600.0)
    client.force_login(admin)
    for model in MODELS:
        row = model._default_manager.first()
        client.get(address(model, "changelist"))  # what a process caches is read by its first page
        with CaptureQueriesContext(connection) as before:
            client.get(address(model, "changelist"))
        if model._meta.label in (
            "trading.Trade",
            "trading.Fill",
            "trading.MarginAction",
            "scripts.Script",
        ):
            assert row
            for _ in range(3):
                row.pk = None
                row._state.adding = True
                row.save()
            with CaptureQueriesContext(connection) as after:
                client.get(address(model, "changelist"))
            assert len(after) == len(before)
