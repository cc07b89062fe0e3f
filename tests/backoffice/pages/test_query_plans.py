"""No list scans a big table, whatever filter, search or order is used: checked by EXPLAIN.

Every registered page is asked about, so that a new one cannot slip by. A page whose table always
stays small says `small = True`.
"""

from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.db import connection
from django.db.models import Model

from accounts.models import User
from tests.backoffice.pages import list_queries, query_plans

MODELS = sorted(django_admin.site._registry, key=lambda model: model._meta.label)
# What most rows are: the first fifty of them are found among the newest rows of any table.
COMMON = {
    "accounts.User": ({"enable__exact": "1"}, {"type__exact": "0"}),
    "accounts.Account": ({"enable_read_only__exact": "0"}, {"user__enable__exact": "1"}),
    "trading.Trade": ({"kind": "closed"}, {"kind": "finance"}, {"state__exact": "3"},
        {"cmd__exact": "0"}, {"cmd__exact": "1"}, {"activation__exact": "0"}),
    "trading.Fill": ({"kind__exact": "open"}, {"kind__exact": "close"}),
    "alerts.AlertLog": ({"hidden__exact": "0"},),
    "scripts.Script": ({"autostart__exact": "0"}, {"visibility__exact": "private"}),
    "audit.SignIn": ({"came": "in"}, {"door__exact": "api"}, {"door__exact": "admin"}),
}  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def _bare_tables(django_db_setup: None, django_db_blocker: Any) -> None:
    """Remove dead pages that rolled-back tests left and that would mislead the planner."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in sorted(query_plans.big_tables()):
            cursor.execute(f'VACUUM FULL "{table}"')


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.usefixtures("everything")
def test_no_list_scans_a_big_table(model: type[Model], admin: User) -> None:
    assert model._default_manager.exists(), "the fixture has no row of this model"
    tables = query_plans.big_tables()
    query_plans.pretend_million_rows(tables)
    indexes = query_plans.Indexes()
    common = COMMON.get(model._meta.label, ())
    bad = {}
    for query in list_queries.offered_queries(model, admin):
        explained = list_queries.changelist_for(model, admin, query).result_list.explain(
            format="json"
        )
        found = query_plans.full_scans(explained, tables, indexes)
        if found and query not in common:
            bad[str(query)] = found
    assert not bad, "\n".join(f"{query}: {found}" for query, found in bad.items())
