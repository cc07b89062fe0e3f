"""Opens every list, export, page, action and route that staff can open, of every row."""

from collections.abc import Iterator
from typing import Any

from django.db.models import AutoField, Model
from django.test import Client
from django.urls import reverse

from accounts.models import Account, User
from backoffice.actions import registry
from backoffice.actions.action import AnyAction
from backoffice.widgets import dashboard
from tests.backoffice.roles import matrix_visitor
from trading.backoffice.trade_lists import KINDS_BY_LABEL
from trading.models import MarginAction, Trade

MOST_ROWS = 30  # of one model
ALONE = (
    "index", "password_change", "market_feed_health", "market_feed_health_data", "second_factor",
    "market_schedule_week", "trading_report",
)  # fmt: skip


def broken_pages(client: Client, staff: User) -> list[str]:
    """Return the addresses that do not answer `staff` as they should, with the answers."""
    client.raise_request_exception = False
    found = []
    for url in all_addresses(staff):
        try:
            answer: Any = client.get(url)
            ends = answer.status_code in (200, 302, 403) and bool(full_content(answer))
            outcome = answer.status_code if ends or answer.status_code != 200 else "broken off"
        except Exception as error:  # noqa: BLE001 - whatever it is; a file that breaks off has no status any more
            ends, outcome = False, repr(error)
        if not ends:
            found.append(f"{url}: {outcome}")
    return found


def full_content(answer: Any) -> bytes:
    """Return the whole answer, of an export too."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return bytes(body) or answer.get("Location", "").encode()


def all_addresses(staff: User) -> Iterator[str]:
    """Yield the addresses of all rows of the database."""
    keys = "&".join(f"tile={tile.key}" for tile in dashboard.visible_tiles(staff))
    yield f"{reverse('dashboard_data')}?{keys}"
    yield from (reverse(f"admin:{name}") for name in ALONE)
    for model in matrix_visitor.admin_models().values():
        yield from list_addresses(model)
        for row in distinct_rows(model):
            yield from row_addresses(model, row)


def distinct_rows(model: type[Model]) -> list[Model]:
    """Return the newest rows, one of those that differ in nothing but their numbers.

    Thirty refused sign-ins of one user, for example, have thirty times the same page.
    """
    rows = model._base_manager.order_by("-pk")[:MOST_ROWS]
    if model._meta.related_objects:  # rows of other models are on their pages
        return list(rows)
    fields = model._meta.concrete_fields
    columns = [field.attname for field in fields if not isinstance(field, AutoField)]
    known = {repr([getattr(row, name) for name in columns]): row for row in rows}
    return list(known.values())


def list_addresses(model: type[Model]) -> Iterator[str]:
    """Yield the list and its exports; of trades those of every kind."""
    files = (matrix_visitor.address(model, "export", kind) for kind in ("csv", "xlsx"))
    for url in (matrix_visitor.address(model, "changelist"), *files):
        yield url
        if model is Trade:
            yield from (f"{url}?kind={kind}" for kind in KINDS_BY_LABEL)
    yield from (act.form_url() for act in actions_of(model) if act.on_list)


def row_addresses(model: type[Model], row: Model) -> Iterator[str]:
    """Yield the row's pages and the forms of its actions."""
    yield from (matrix_visitor.address(model, page, row.pk) for page in ("change", "live"))
    yield from (act.form_url(row) for act in actions_of(model) if not act.on_list)
    if model is Account:
        yield reverse("admin:trading_statement", args=[row.pk])
        yield reverse("admin:trading_statement_file", args=[row.pk, "csv"])
    if model in (Trade, MarginAction):
        yield matrix_visitor.address(model, "explain", row.pk)


def actions_of(model: type[Model]) -> list[AnyAction]:
    """What can be done to rows of the model."""
    label = model._meta.label_lower
    return [action for (name, _), action in registry.all_actions().items() if name == label]
