"""Helpers of these tests: captured log lines, and a scrape of the metrics."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from observe.formatters import JSONFormatter, LineFormatter

FORMATTERS: dict[str, type[logging.Formatter]] = {"json": JSONFormatter, "line": LineFormatter}


class CapturedLog:
    """Everything logged meanwhile, in one format."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.text.split("\n") if line]

    def lines_of(self, logger: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["logger"] == logger]


@contextmanager
def captured_log(style: str = "json", level: int = logging.INFO) -> Iterator[CapturedLog]:
    """Capture everything that reaches the root logger while the block runs."""
    log, root = CapturedLog(), logging.getLogger()
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
    """Return each sample name's numbers by its label values, in the order of label names."""
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.content
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            values = tuple(sample.labels.values())
            found.setdefault(sample.name, {})[values] = sample.value
    return found
