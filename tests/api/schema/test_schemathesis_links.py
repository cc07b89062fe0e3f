"""Walks along the links of our own OpenAPI document: create, look, change, close or delete.

Bodies are the document's own examples, with what came by the link or is there from the beginning.
"""

from collections import Counter
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import Phase, seed, settings
from schemathesis import GenerationMode
from schemathesis.generation.stateful.state_machine import StepInput, StepOutput

from accounts.models import Account
from tests.api.sample_rows import SampleIds, create_sample_rows
from tests.api.schema.conformance_checks import CONFORMING, QUICK, load_document, session_headers

pytestmark = [pytest.mark.usefixtures("one_connection"), pytest.mark.timeout(300)]
PATHS = (
    "/script", "/script/{id}", "/settings", "/price_alert", "/price_alert/{id}", "/trade/open",
    "/trade/modify", "/trade/modify/open", "/trade/close", "/trade/open/pending",
    "/trade/modify/pending", "/trade/cancel", "/trade/explain/{id}", "/market/watch",
    "/market/watch/list",
)  # fmt: skip
LINKED = ("order", "id")  # fields of a body that links give
LEAST = 15  # links


class Steps:
    """What happens before and after each request of a walk."""

    alice: ClassVar[Account]
    known: ClassVar[SampleIds]
    followed: ClassVar[Counter[str]]  # links whose request was answered with 200

    def setup(self) -> None:
        self.gone: set[str] = set()
        self.undone = transaction.atomic()
        self.undone.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def step(self, asked: StepInput) -> StepOutput:
        """Send what the document shows, and count the link if it led to a success."""
        case: Any = asked.case
        linked = asked.transition is not None and asked.is_applied
        if case.method in ("POST", "PUT"):
            drawn = case.body if linked and isinstance(case.body, dict) else {}
            order = self.known.pending if case.path.endswith("pending") else self.known.position
            body = example(case)
            body |= {"order": order} if "order" in body else {}
            case.body = body | {name: drawn[name] for name in LINKED if name in drawn}
        else:
            names = [parameter for _, parameter in asked.applied_parameters]
            case.query = {name: case.query[name] for name in case.query if name in names}
        answered: StepOutput = super().step(asked)  # type: ignore[misc]  # of the state machine
        if linked and answered.response.status_code == 200:
            self.followed[asked.transition.id] += 1  # type: ignore[union-attr]
        return answered

    def get_call_kwargs(self, case: Any) -> dict[str, Any]:
        return {"headers": session_headers(self.alice)}

    def after_call(self, response: Any, case: Any) -> None:
        if response.status_code != 200 or "idempotent-replay" in response.headers:
            return
        assert case.formatted_path not in self.gone, f"{case.formatted_path} was deleted"
        if case.method == "DELETE" and "{" in case.path:
            self.gone.add(case.formatted_path)

    def validate_response(self, response: Any, case: Any, *_: Any, **kwargs: Any) -> None:
        case.validate_response(response, checks=CONFORMING, transport_kwargs=kwargs)


def example(case: Any) -> dict[str, Any]:
    """The body that the document shows for the operation."""
    content = case.operation.definition.raw["requestBody"]["content"]
    return dict(content["application/json"]["example"])


def links() -> set[str]:
    """All of the document, as schemathesis names them."""
    known = set()
    for operation in (found.ok() for found in load_document().get_all_operations()):
        for status, answer in operation.definition.raw["responses"].items():
            for name, link in answer.get("links", {}).items():
                target = load_document().find_operation_by_id(link["operationId"]).label
                known.add(f"{operation.label} -> [{status}] {name} -> {target}")
    return known


def ends_of(link: str) -> tuple[str, str]:
    """Return the operations that the link leads from and to."""
    begin, _, end = link.split(" -> ")
    return begin, end


def test_there_are_many_links_from_writes() -> None:
    assert len(links()) >= LEAST
    assert {link.partition(" ")[0] for link in links()} == {"POST", "PUT"}


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_every_link_leads_from_a_success_to_a_success(method: str, alice: Account) -> None:
    expected = {link for link in links() if link.startswith(method)}
    schema = load_document().include(path=list(PATHS))
    if method == "PUT":
        schema = schema.exclude(method="POST")  # with which every walk would begin
    schema.config.phases.stateful.generation.modes = [GenerationMode.POSITIVE]
    followed: Counter[str] = Counter()
    fields = {"alice": alice, "known": create_sample_rows(alice), "followed": followed}
    rules = settings(QUICK, max_examples=3, stateful_step_count=10, phases=[Phase.generate])
    for number in range(1, 41):  # what was not walked by chance is walked with the next seed,
        # among the operations at the ends of what is left
        left = {end for link in expected - set(followed) for end in ends_of(link)}
        part = schema.include(lambda found, left=left: found.operation.label in left)
        walk: Any = type("Walk", (Steps, part.as_state_machine()), fields)
        seed(number)(walk).run(settings=rules)
        if set(followed) >= expected:
            break
    assert set(followed) >= expected, f"never: {sorted(expected - set(followed))}"
