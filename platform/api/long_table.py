"""Tables that may have many rows: written in chunks, so that only their text is in memory.

Built as Python's objects, fifty thousand rows took a worker a hundred times their text.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.db.models import QuerySet

from core import json
from core.errors import Invalid
from core.postgresql import stream_rows

LARGEST = 16 * 1024 * 1024  # bytes of one answer
ValuesRows = QuerySet[Any, tuple[object, ...]]  # of a `values_list`
MOST_ROWS = 50_000  # of one answer, the contract's for trades


class TableTooLarge(Invalid):
    default = (
        f"the answer would have more than {LARGEST} bytes: ask for a part of it, with a smaller"
        " limit, a shorter period or one prefix"
    )


@dataclass(frozen=True)
class ReadyJSON:
    """A response that is JSON already."""

    text: bytes


def write_long_table(
    structure: Sequence[str],
    rows: ValuesRows,
    *,
    convert: Callable[[tuple[object, ...]], Sequence[object]] | None = None,
    more: Sequence[Sequence[object]] = (),
    most: int | None = None,
    at_once: int = 200,
) -> ReadyJSON:
    """Return the table of a `values_list`, then of `more` rows; `convert` may change each row.

    `convert` must not use the database, which is still sending. `at_once` is how many rows
    are in memory: one, where a row may be large.

    Raises:
        TableTooLarge: the text has more than LARGEST bytes, or the table more than `most`
            rows.
    """
    with closing(_row_chunks(rows, convert, more, most, at_once)) as chunks:
        return write_table(structure, chunks, {})


def write_long_objects(names: Sequence[str], rows: ValuesRows, *, at_once: int = 200) -> ReadyJSON:
    """Return `{"rows": […]}` with an object of these names for each row of a `values_list`.

    Raises:
        TableTooLarge: the text has more than LARGEST bytes.
    """

    def as_object(row: tuple[object, ...]) -> dict[str, object]:
        return dict(zip(names, row, strict=True))

    with closing(_row_chunks(rows, as_object, (), None, at_once)) as chunks:
        return _write_rows(b'{"rows":[', chunks, {})


def write_table(
    structure: Sequence[str], chunks: Iterable[bytes], extras: Mapping[str, object]
) -> ReadyJSON:
    """Return the table whose rows are JSON already, with commas between them inside a chunk.

    `extras` is read after the last chunk. The caller closes `chunks`: a statement may be
    behind them.

    Raises:
        TableTooLarge: the text has more than LARGEST bytes.
    """
    return _write_rows(b'{"structure":' + json.dumps(structure) + b',"rows":[', chunks, extras)


def _write_rows(
    beginning: bytes, chunks: Iterable[bytes], extras: Mapping[str, object]
) -> ReadyJSON:
    text = BytesIO()
    text.write(beginning)
    separator = b""
    for chunk in filter(None, chunks):
        text.write(separator)
        text.write(chunk)
        separator = b","
        if text.tell() > LARGEST:
            raise TableTooLarge
    text.write(b"]")
    if extras:
        text.write(b"," + json.dumps(dict(extras))[1:-1])
    text.write(b"}")
    return ReadyJSON(text.getvalue())


def _row_chunks(
    rows: ValuesRows,
    convert: Callable[[tuple[object, ...]], object] | None,
    more: Sequence[Sequence[object]],
    most: int | None,
    at_once: int,
) -> Generator[bytes]:
    count = 0
    with closing(stream_rows(rows if most is None else rows[: most + 1], at_once)) as portions:
        for portion in portions:
            count += len(portion)
            converted = portion if convert is None else [convert(row) for row in portion]
            yield json.dumps(converted)[1:-1]
    if most is not None and count > most:
        raise TableTooLarge(
            f"more than {most} rows: ask for a part of them, or for a shorter period"
        )
    yield json.dumps(more)[1:-1]
