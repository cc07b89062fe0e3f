"""A page that explains something: parts one below the other, each with facts, chart and tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from backoffice.acting.panel import Content


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart, and in words what its lines are."""

    chart: str
    words: str


@dataclass(frozen=True, slots=True)
class Part:
    """One heading of the page; facts are names with values, tables come with their titles."""

    title: str
    anchor: str = ""
    facts: Sequence[tuple[str, Any]] = ()
    pictures: Sequence[Picture] = ()
    tables: Sequence[tuple[str, Content]] = field(default_factory=list)
