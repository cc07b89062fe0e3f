"""The table response: `structure` names the columns, `rows` has the values in that order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from orjson import Fragment


@dataclass(frozen=True)
class ApiTable:
    """Columns and rows of a response, with what else goes with them (counts, totals).

    Rows that PostgreSQL has built come as a Fragment of ready JSON.
    """

    structure: Sequence[str]
    rows: Iterable[Sequence[object]] | Fragment
    extras: Mapping[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the JSON object of the response."""
        rows = self.rows if isinstance(self.rows, Fragment) else list(self.rows)
        return {"structure": self.structure, "rows": rows, **self.extras}


OK: dict[str, str | int] = {"data": "OK"}


def ok_body(new_id: int | None = None) -> dict[str, str | int]:
    """Return the status body, with the id of what was created or changed where there is one."""
    return OK if new_id is None else {**OK, "id": new_id}
