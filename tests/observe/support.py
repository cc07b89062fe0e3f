"""What the tests of this room share: lines as they are written, and a scrape."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from observe.logs import JSONFormatter, LineFormatter

FORMATTERS: dict[str, type[logging.Formatter]] = {"json": JSONFormatter, "line": LineFormatter}


class Log:
    """All that was written meanwhile, in one style."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.text.split("\n") if line]

    def of(self, logger: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["logger"] == logger]


@contextmanager
def logged(style: str = "json", level: int = logging.INFO) -> Iterator[Log]:
    """Everything that reaches the root logger while the block runs."""
    log, root = Log(), logging.getLogger()
    handler = logging.StreamHandler(log.stream)
    handler.setFormatter(FORMATTERS[style]())
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield log
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def scrape(**headers: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Each sample's name with its numbers by the values of its labels, sorted by their names."""
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.content
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            values = tuple(sample.labels.values())
            found.setdefault(sample.name, {})[values] = sample.value
    return found
