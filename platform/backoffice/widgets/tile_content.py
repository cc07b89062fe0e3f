"""Sections of a tile: figures, tables, bars and notes, as JSON that `live.js` draws.

Numbers are formatted here; a tone is "", "good", "warn" or "bad".
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from redis.exceptions import RedisError

from core.money import digits_of

TileSection = dict[str, Any]
TileCell = str | dict[str, Any]


def figures_section(*entries: tuple[str, str] | tuple[str, str, str]) -> TileSection:
    """Return labelled figures: label, value and optionally a tone."""
    return {"kind": "figures", "figures": [list(one) for one in entries]}


def table_section(
    columns: Sequence[str], rows: Iterable[Sequence[TileCell]], empty: str = "Nothing"
) -> TileSection:
    """Return a table; a title that begins with `#` is that of a column of numbers.

    `empty` is displayed without rows.
    """
    return {
        "kind": "table",
        "columns": [[title.removeprefix("#"), title.startswith("#")] for title in columns],
        "rows": [list(row) for row in rows],
        "empty": empty,
    }


def bars_section(title: str, labels: Sequence[str], **series: Sequence[float]) -> TileSection:
    """Return bars side by side over each label; in a series' name `_` stands for a space."""
    named = [[name.replace("_", " "), list(values)] for name, values in series.items()]
    return {"kind": "bars", "title": title, "labels": list(labels), "series": named}


def note_section(text: str, tone: str = "") -> TileSection:
    """Return a line of text."""
    return {"kind": "note", "text": text, "tone": tone}


def build_or_explain(build: Callable[[], list[TileSection]]) -> list[TileSection]:
    """Return what `build` returns, or a note that Redis does not answer."""
    try:
        return build()
    except RedisError:
        return [note_section("Redis does not answer", tone="bad")]


def table_cell(
    text: str, *, href: str = "", tone: str = "", share: float | None = None
) -> TileCell:
    """Return a cell with a link, a tone, or a bar from the middle: `share` is -1 to 1."""
    options: TileSection = {"href": href, "tone": tone, "share": share}
    return {"text": text, **{name: value for name, value in options.items() if value}}


def format_money(value: float | Decimal, currency: str) -> str:
    """Format an amount with its currency's decimals."""
    digits = digits_of(currency)
    return f"{round(float(value), digits) + 0.0:,.{digits}f}"


def format_duration(milliseconds: float) -> str:
    """Format a duration given in ms, in the unit that reads best."""
    seconds = milliseconds / 1000
    if seconds < 1:
        return f"{milliseconds:.0f} ms"
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.1f} s"
