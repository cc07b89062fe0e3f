"""What another section knows of a row, as a table on the row's page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads somewhere."""

    text: str
    url: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of a panel, cells as they are read; `more` leads to the whole list."""

    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]
    more: Link | None = None
    note: str = ""


class OnPage:
    """What is shown on the pages of `model` (`accounts.account`) to who has the `right`."""

    __slots__ = ()
    model: str
    right: str

    def shown_to(self, user: Any, model: type[Model]) -> bool:
        """Whether this person sees it on the pages of that model."""
        return bool(self.model == model._meta.label_lower and user.has_perm(self.right))


@dataclass(frozen=True, slots=True)
class Panel(OnPage):
    """A titled table; `load` reads it for one row, in few queries."""

    model: str
    title: str
    right: str
    load: Callable[[HttpRequest, Any], Content]
