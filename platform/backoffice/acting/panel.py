"""What another section knows of a row, as a table on the row's page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Panel:
    """A titled table on the pages of `model`; `load` reads it for one row, in few queries."""

    model: str
    title: str
    right: str
    load: Callable[[HttpRequest, Any], Content]

    def shown_to(self, user: Any) -> bool:
        """Whether this person may see it."""
        return bool(user.has_perm(self.right))
