"""Nothing of an earlier test is remembered."""

import pytest

from core import counters
from observe import exposition, readiness
from observe.patience import Question


@pytest.fixture(autouse=True)
def _fresh() -> None:
    questions: list[Question[object]] = [*readiness.PARTS.values(), *exposition.SOURCES.values()]  # type: ignore[list-item]  # of whatever they answer
    for question in questions:
        question.forget()
    counters.forget()
