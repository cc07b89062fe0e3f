"""Contract tests as rows: a scene, a request, and the expected answer and changes."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.conftest import error_of
from tests.contract.shapes import check_shape
from tests.contract.world import World, fill_placeholders

EXPONENT = re.compile(rb"[\[:,]-?[0-9.]+[eE][-+]?[0-9]")
Scene = Callable[[World], object]


@dataclass(frozen=True)
class Row:
    """Who asks what, the status, and the error's code, the answer's shape or a file's first bytes.

    `{names}` stand for what a scene or an earlier answer has left. `changes` are all tables that
    the request may touch, each with the number of rows it gains or loses: without any, and so
    after every refusal, the database is as it was.
    """

    who: str  # a fixture, "Bearer" or "cookie" behind it for another way to send its token
    call: str
    body: Any
    status: int
    answer: Any
    given: tuple[Scene, ...] = ()
    changes: dict[str, int] = field(default_factory=dict)
    sends: dict[str, str] = field(default_factory=dict)  # headers
    shows: dict[str, str] = field(default_factory=dict)  # headers, as regular expressions

    def __str__(self) -> str:
        code = self.answer if isinstance(self.answer, str) else "OK"
        body = "" if self.body is None else f" {self.body!r:.90}"
        return f"{self.who}: {self.call}{body} → {self.status} {code}"


Story = tuple[Row, ...]  # one after the other, in the same world


def row_id(rows: Row | Story) -> str:
    """Return a test's id."""
    return str(rows) if isinstance(rows, Row) else f"{rows[-1]} after {rows[0]}"


def run_rows(world: World, rows: Row | Story) -> None:
    """Set the scene, send, and compare status, answer, headers and changed tables."""
    for row in rows if isinstance(rows, tuple) else (rows,):
        for scene in row.given:
            scene(world)
        client, before = world.client(row.who), world.table_digests()
        answer = world.send(client, row.call, row.body, row.sends)
        assert answer.status_code == row.status, (str(row), answer.content[:600])
        shown = {**answer.headers, "Set-Cookie": str(answer.cookies)}
        for name, pattern in row.shows.items():
            assert re.fullmatch(pattern, shown.get(name, "absent")), (name, shown)
        changes = world.changes_since(before)
        assert changes == row.changes, (str(row), changes)
        if isinstance(row.answer, bytes):
            assert answer.content.startswith(row.answer), (str(row), answer.content[:60])
            continue
        assert answer.headers["Content-Type"] == "application/json", str(row)
        assert not EXPONENT.search(answer.content), (str(row), answer.content)
        if isinstance(row.answer, str):
            assert error_of(answer) == (row.status, row.answer), (str(row), answer.content)
        else:
            check_shape(fill_placeholders(row.answer, world.known), answer.json())
        world.remember_ids(answer.json())
