"""Requests every page and action of the backoffice over HTTP, as one role."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from backoffice.actions import registry
from backoffice.actions.action import AnyAction

STANDARD = ("changelist", "add", "change", "delete", "history", "export", "act", "live")
Answer = dict[str, bool]


def admin_models() -> dict[str, type[Model]]:
    """Return every model that has a page, by its label."""
    return {model._meta.label_lower: model for model in admin.site._registry}


def action_classes() -> dict[str, AnyAction]:
    """Return every action by `model/name`."""
    return {f"{model}/{name}": action for (model, name), action in registry.all_actions().items()}


def list_actions() -> set[str]:
    """What can be done to rows that are ticked in a list, as `model/name`."""
    pages = admin.site._registry.items()
    return {
        f"{model._meta.label_lower}/{name}" for model, page in pages for name in page.actions or ()
    }


def admin_routes() -> set[str]:
    """Return the names of all pages under /admin/ that are not those of every model."""
    every = {
        f"{model._meta.app_label}_{model._meta.model_name}_{page}"
        for model in admin_models().values()
        for page in STANDARD
    }
    return {name for path, name in _walk(get_resolver()) if path.startswith("admin/")} - every


def _walk(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, path)
        elif entry.name:
            yield path, entry.name


def address(model: type[Model], page: str, *args: Any) -> str:
    """Where a page of the model is."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def is_allowed(answer: Any) -> bool:
    """Return whether the answer is 200, or 302 to another page than the sign-in."""
    if answer.status_code == 302:
        return not answer["Location"].startswith("/admin/login/")
    assert answer.status_code in (200, 403, 404), (answer.request["PATH_INFO"], answer.status_code)
    return bool(answer.status_code == 200)


def table_contents(model: type[Model]) -> list[tuple[Any, ...]]:
    """Return all rows of the model, as they are in the database."""
    return list(model._base_manager.order_by("pk").values_list())


class Visitor:
    """A browser of one role."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def may_see(self, url: str) -> bool:
        """Return whether the page is shown."""
        return is_allowed(self.client.get(url))

    def may_submit(
        self, url: str, model: type[Model], fields: dict[str, Any], *, valid: bool = False
    ) -> bool:
        """Return whether the form is accepted; changes are rolled back.

        A refused form must change no row; a `valid` one that is accepted must have no errors.
        """
        before = table_contents(model)
        with transaction.atomic():
            answer: Any = self.client.post(url, fields)
            taken = is_allowed(answer)
            assert taken or table_contents(model) == before, (
                f"{url} was refused and changed something"
            )
            transaction.set_rollback(True)
        if valid and taken and answer.status_code == 200 and "form" in answer.context_data:
            assert not answer.context_data["form"].errors, (url, answer.context_data["form"].errors)
        return taken

    def visible_pages(self, model: type[Model], row: Model) -> Answer:
        """Return which of the pages that every model has are shown."""
        key = row.pk
        change, delete = address(model, "change", key), address(model, "delete", key)
        history, add = address(model, "history", key), address(model, "add")
        return {
            "list": self.may_see(address(model, "changelist")),
            "page": self.all_or_none(change, address(model, "live", key)),
            "change": self.may_submit(change, model, {}),
            "add": self.common_answer(self.may_see(add), self.may_submit(add, model, {})),
            "delete": self.common_answer(
                self.may_see(delete), self.may_submit(delete, model, {"post": "yes"})
            ),
            "history": self.client.get(history, follow=True).status_code == 200,
            "export": self.all_or_none(
                *(address(model, "export", kind) for kind in ("csv", "xlsx"))
            ),
        }

    def all_or_none(self, *urls: str) -> bool:
        """Return whether the pages are shown: all of them or none."""
        return self.common_answer(*(self.may_see(url) for url in urls))

    def common_answer(self, *answers: bool) -> bool:
        """Return what all answers are."""
        assert len(set(answers)) == 1, answers
        return answers[0]

    def may_act(self, action: AnyAction, row: Any, fields: dict[str, Any]) -> bool:
        """Return whether the form of the action is shown and accepted: both or neither."""
        url = action.form_url(row)
        filled = {"reason": "asked by phone", "form": str(uuid.uuid4()), **fields}
        done = self.may_submit(url, admin_models()[action.model], filled, valid=True)
        return self.common_answer(self.may_see(url), done)
