"""Requests generated from the OpenAPI document are answered as it says."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from accounts.models import Account, User
from tests.api.sample_rows import SampleIds, create_sample_rows
from tests.api.schema.conformance_checks import (
    CONFORMING,
    QUICK,
    REFUSING,
    session_headers,
    shown_operations,
)
from tests.fuzz import FUZZ, examples

pytestmark = [
    pytest.mark.usefixtures("one_connection"),
    pytest.mark.timeout(300 * FUZZ),
    pytest.mark.fuzz,
]
EXAMPLES = examples(8, quick=4)  # of each operation and mode


@pytest.fixture
def known(alice: Account) -> SampleIds:
    return create_sample_rows(alice)


def use_real_ids(case: Any, known: SampleIds, login: int) -> None:
    """Replace random values by the symbol, order, id and list that exist."""
    numbers = {"/price_alert/logs": known.log, "/price": known.alert, "/script": known.script}
    real = {"symbol": "EURUSD", "order": known.position, "login": login, "prefix": "web"}
    real["id"] = next((numbers[path] for path in numbers if case.path.startswith(path)), 0)
    for part in ("query", "body", "path_parameters"):
        values = getattr(case, part)
        if isinstance(values, dict):  # a copy: it may be the example of the document
            known_here = {name: value for name, value in real.items() if name in values}
            setattr(case, part, {**values, **known_here})


def call_every_operation(subtests: Any, cases: Any, call: Any, tried: int = EXAMPLES) -> None:
    """Call each operation; roll back its changes before the next."""
    for _, operation in shown_operations():
        given_it: Any = given(cases(operation))
        run: Any = seed(1)(settings(QUICK, max_examples=tried)(given_it(call)))
        with subtests.test(operation.label), transaction.atomic():
            try:
                run()
            finally:
                transaction.set_rollback(True)


def test_valid_requests_are_answered_as_documented(
    alice: Account, known: SampleIds, subtests: Any
) -> None:
    def call(drawn: Any) -> None:
        case, real = drawn
        if real:
            use_real_ids(case, known, alice.login)
        case.call_and_validate(headers=session_headers(alice), checks=CONFORMING)

    call_every_operation(subtests, lambda one: st.tuples(one.as_strategy(), st.booleans()), call)


def test_invalid_requests_are_refused_as_documented(
    alice: Account, known: SampleIds, subtests: Any
) -> None:
    def call(case: Any) -> None:
        case.call_and_validate(headers=session_headers(alice), checks=REFUSING)

    def cases(one: Any) -> Any:
        return one.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    call_every_operation(subtests, cases, call)


def test_staff_are_answered_as_documented(
    alice: Account, dan: User, known: SampleIds, subtests: Any
) -> None:
    def call(case: Any) -> None:
        use_real_ids(case, known, alice.login)
        case.call_and_validate(headers=session_headers(dan), checks=CONFORMING)

    call_every_operation(subtests, lambda one: one.as_strategy(), call, tried=examples(3, quick=2))
