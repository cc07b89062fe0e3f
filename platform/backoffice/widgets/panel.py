"""Panels: tables on a row's page with what another section has about the row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from backoffice.widgets.content import Table
from core.users import User


class PageElement:
    """A part of the pages of `model` (`accounts.account`), for users with the `permission`."""

    __slots__ = ()
    model: str
    permission: str

    def is_visible_to(self, user: User, model: type[Model]) -> bool:
        """Return whether it belongs to the model's pages and the user has the permission."""
        return bool(self.model == model._meta.label_lower and user.has_perm(self.permission))


@dataclass(frozen=True, slots=True)
class Panel(PageElement):
    """A titled table; `load` reads it for one object, in few queries."""

    model: str
    title: str
    permission: str
    load: Callable[[HttpRequest, Any], Table]
