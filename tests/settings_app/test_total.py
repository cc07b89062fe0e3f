"""The total size of a login's settings is limited, and `/limits` shows it."""

from typing import Any

import pytest

from settings_app.models import Setting
from tests.rest_client import Rest

KIB = 1024
PIECE = "x" * (64 * KIB - 2)  # with its quotation marks the most that one value may have


@pytest.fixture(autouse=True)
def _limit(settings: Any) -> None:
    settings.SETTINGS_BYTES = 256 * KIB


def fill(number: int, login: int = 100001) -> None:
    Setting.objects.bulk_create(
        Setting(user_id=login, prefix="web", name=f"n{i}", value=f'"{PIECE}"', updated_time=1)
        for i in range(number)
    )


def totals(rest: Rest) -> dict[str, list[Any]]:
    return {row[0]: row[1:] for row in rest.get("/limits")[1]["rows"]}


def test_the_default_is_two_mebibytes() -> None:
    from config import settings

    assert settings.SETTINGS_BYTES == 2 * KIB * KIB


def test_settings_up_to_the_limit_are_stored_and_one_byte_more_refused(
    alice: Rest, bob: Rest
) -> None:
    fill(3)
    assert alice.put("/settings", prefix="mobile", name="last", value=PIECE)[0] == 200
    status, body = alice.put("/settings", prefix="mobile", name="more", value=1)
    assert (status, body["error"]) == (400, "INVALID_DATA")
    assert body["message"] == "the settings of a login have at most 262144 bytes together"
    assert Setting.objects.count() == 4
    assert bob.put("/settings", prefix="web", name="x", value=PIECE)[0] == 200


def test_many_settings_at_the_limit_are_written_all_or_none(alice: Rest) -> None:
    fill(3)
    values = {"n0": 1, "a": PIECE, "b": PIECE[1:], "c": 1}
    assert alice.put("/settings", prefix="web", values=values)[0] == 400
    assert Setting.objects.get(name="n0").value == f'"{PIECE}"'
    assert Setting.objects.count() == 3
    del values["c"]
    assert alice.put("/settings", prefix="web", values=values)[0] == 200


def test_the_size_is_counted_in_bytes(alice: Rest) -> None:
    fill(3)
    assert alice.put("/settings", prefix="web", name="a", value="я" * (31 * KIB))[0] == 200
    assert alice.put("/settings", prefix="web", name="b", value="я" * KIB)[0] == 400


def test_a_value_can_be_replaced_by_one_within_the_limit(alice: Rest) -> None:
    fill(4)
    assert alice.put("/settings", prefix="web", name="n0", value=PIECE)[0] == 200
    assert alice.put("/settings", prefix="other", name="n0", value=PIECE)[0] == 400


def test_above_a_lowered_limit_settings_can_only_be_reduced(alice: Rest) -> None:
    fill(6)
    assert alice.put("/settings", prefix="web", name="n0", value=PIECE)[0] == 200
    assert alice.put("/settings", prefix="web", name="n0", value="less")[0] == 200
    assert alice.put("/settings", prefix="web", name="n0", value="more again")[0] == 400
    assert alice.delete("/settings", prefix="web", name="n1")[0] == 200
    assert len(alice.get("/settings")[1]["rows"]) == 5


def test_limits_shows_the_totals_and_what_is_left(alice: Rest, carol: Rest) -> None:
    assert totals(alice)["settings_bytes"] == ["login", 256 * KIB, 0, 256 * KIB, 0]
    fill(3)
    quotas = totals(alice)
    assert quotas["settings_bytes"] == ["login", 256 * KIB, 0, 64 * KIB, 0]
    assert quotas["settings"] == ["login", 1000, 0, 997, 0]
    assert quotas["scripts"] == ["login", 1000, 0, 1000, 0]
    assert quotas["scripts_bytes"] == ["login", 8 * KIB * KIB, 0, 8 * KIB * KIB, 0]
    assert quotas["active_alerts"] == ["login", 500, 0, 500, 0]
    assert totals(carol) == {}, "staff keep nothing"
    Setting.objects.bulk_create(
        Setting(user_id=100001, prefix="p", name=f"{i}", value=f'"{PIECE}"', updated_time=1)
        for i in range(4)
    )
    assert totals(alice)["settings_bytes"][3] == 0
