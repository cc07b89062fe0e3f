"""Counters and caches are reset before each test."""

from typing import Any

import pytest

from observe import counters, health, metrics
from observe.timeboxed import TimeboxedCall


@pytest.fixture(autouse=True)
def _fresh() -> None:
    calls: list[TimeboxedCall[Any]] = [
        *health.TIMEBOXED_CHECKS.values(),
        *metrics.SOURCES.values(),
    ]
    for call in calls:
        call.reset()
    counters.discard_counts()
