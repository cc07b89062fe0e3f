"""Pages that explain something, as sections with facts, charts and tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from backoffice.widgets.panel import Table


@dataclass(frozen=True, slots=True)
class CaptionedChart:
    """A chart as SVG, and a caption that says what its lines are."""

    chart: str
    words: str


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page: facts are names with values, tables come with titles."""

    title: str
    anchor: str = ""
    facts: Sequence[tuple[str, Any]] = ()
    charts: Sequence[CaptionedChart] = ()
    tables: Sequence[tuple[str, Table]] = field(default_factory=list)
