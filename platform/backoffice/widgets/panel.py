"""Panels: tables on a row's page with what another section has about the row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that is a link."""

    text: str
    url: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows of cells; `more` is a link to the whole list."""

    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]
    more: Link | None = None
    note: str = ""


class PageElement:
    """A part of the pages of `model` (`accounts.account`), for users with the `permission`."""

    __slots__ = ()
    model: str
    permission: str

    def is_visible_to(self, user: Any, model: type[Model]) -> bool:
        """Return whether it belongs to the model's pages and the user has the permission."""
        return bool(self.model == model._meta.label_lower and user.has_perm(self.permission))


@dataclass(frozen=True, slots=True)
class Panel(PageElement):
    """A titled table; `load` reads it for one object, in few queries."""

    model: str
    title: str
    permission: str
    load: Callable[[HttpRequest, Any], Table]
