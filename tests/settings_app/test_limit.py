from settings_app.models import Setting
from settings_app.services import MOST_SETTINGS
from tests.rest_client import Rest


def fill(number: int) -> None:
    Setting.objects.bulk_create(
        Setting(user_id=100001, prefix="web", name=f"n{i}", value="1", updated_time=1)
        for i in range(number)
    )


def test_a_login_may_have_1000_settings(alice: Rest, bob: Rest) -> None:
    fill(MOST_SETTINGS - 1)
    assert alice.put("/settings", prefix="mobile", name="last", value=1)[0] == 200
    status, body = alice.put("/settings", prefix="mobile", name="one more", value=1)
    assert (status, body["error"]) == (400, "INVALID_DATA")
    assert Setting.objects.count() == MOST_SETTINGS
    assert bob.put("/settings", prefix="web", name="x", value=1)[0] == 200


def test_many_settings_are_written_all_or_none(alice: Rest) -> None:
    fill(MOST_SETTINGS - 1)
    status, body = alice.put("/settings", prefix="web", values={"n0": 2, "a": 1, "b": 1})
    assert (status, body["error"]) == (400, "INVALID_DATA")
    assert Setting.objects.get(name="n0").value == "1"
    assert Setting.objects.count() == MOST_SETTINGS - 1


def test_at_the_limit_a_setting_can_still_be_changed(alice: Rest) -> None:
    fill(MOST_SETTINGS)
    assert alice.put("/settings", prefix="web", name="n0", value=2)[0] == 200
    assert Setting.objects.get(name="n0").value == "2"
