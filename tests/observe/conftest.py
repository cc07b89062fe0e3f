"""Counters and caches are reset before each test."""

import pytest

from core import counters
from observe import exposition, health
from observe.timeboxed import TimeboxedCall


@pytest.fixture(autouse=True)
def _fresh() -> None:
    calls: list[TimeboxedCall[object]] = [*health.PARTS.values(), *exposition.SOURCES.values()]  # type: ignore[list-item]  # of whatever they answer
    for call in calls:
        call.reset()
    counters.forget()
