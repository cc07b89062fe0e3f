"""The dashboard's first tile: what needs attention, and where it is mended."""

from backoffice.attention.matters import (
    Case,
    Matter,
    count_text,
    find_open_matters,
    visible_matters,
)
from backoffice.widgets import processes_tile
from backoffice.widgets.content import Cell, Content, Note, Table
from backoffice.widgets.dashboard import DashboardTile
from core.users import User

MOST_LISTED = 5  # cases of a matter


def build_tile(user: User) -> list[Content]:
    """Return the cases of all matters, or that nothing needs attention."""
    found = find_open_matters(user)
    if not found:
        return [Note("Nothing needs attention.", "good")]
    rows = [row for matter, cases in found for row in case_rows(matter, cases)]
    return [Table(("What", "#Cases", "Which"), rows)]


def case_rows(matter: Matter, cases: list[Case]) -> list[list[object]]:
    """Return a row for each of the first cases; the first one names the matter."""
    tone = "bad" if matter.urgent else "warn"
    rows: list[list[object]] = [
        ["", "", Cell(case.text, url=case.url)] for case in cases[:MOST_LISTED]
    ]
    rows[0][:2] = [Cell(matter.title, url=matter.url), Cell(count_text(cases), tone=tone)]
    if len(cases) > MOST_LISTED:
        rows.append(["", "", Cell("all of them", url=matter.url)])
    return rows


DASHBOARD_TILES = [
    *processes_tile.TILES,
    DashboardTile(
        "attention",
        "Needs attention",
        "",
        build_tile,
        wide=True,
        is_first=True,
        may_see=lambda user: bool(visible_matters(user)),
    ),
]
