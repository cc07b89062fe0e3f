"""The examples of the public pages, each sent as the page writes it."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from tests.contract import scenes
from tests.contract.world import World

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("page_examples.json").read_text(encoding="utf-8")
)


def names_of(answer: dict[str, Any], part: str) -> list[str]:
    """Return the names, in their order, of that part of the answer which a case is about."""
    if part == "structure":
        return list(answer["structure"])
    if part == "rows":
        return list(answer["rows"][0])
    if part == "short":
        return list(answer["assets"]["structure"])
    if part in ("asset", "watched"):
        return list(answer["assets"]["EURUSD"])
    return list(answer)


def differences(case: dict[str, Any], status: int, answer: dict[str, Any]) -> list[str]:
    """Return in what the answer is another than the page's."""
    if status != case["status"]:
        return [f"{status} {answer}"]
    found = []
    for part in ("keys", "starts", "structure", "rows", "short", "asset", "watched"):
        if part in case:
            names, wanted = names_of(answer, part), case[part]
            if part in ("starts", "structure"):  # what is ours comes behind
                names = names[: len(wanted)]
            if part == "watched":  # an object by names
                names, wanted = sorted(names), sorted(wanted)
            if names != wanted:
                found.append(f"{part}: {names}")
    for name, value in case.get("answer", {}).items():
        if answer.get(name) != value:
            found.append(f"{name}: {answer.get(name)!r}")
    return found


def test_the_examples_of_the_pages_are_answered_as_there(world: World) -> None:
    wrong = {}
    for case in CASES:
        client = world.client(case["who"])
        with transaction.atomic():
            for scene in case["given"]:
                getattr(scenes, scene)(world)
            answer = world.send(client, case["call"], case["body"], {})
            if found := differences(case, answer.status_code, answer.json()):
                wrong[f"{case['page']}: {case['call']}"] = found
            transaction.set_rollback(True)
    assert wrong == {}
