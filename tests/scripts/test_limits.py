from scripts import services
from scripts.models import Script
from tests.rest_client import Rest


def fill(number: int, text: str) -> None:
    Script.objects.bulk_create(
        Script(user_id=100001, name="n", script=text, created_time=1, updated_time=1)
        for _ in range(number)
    )


def test_a_login_may_have_1000_scripts(alice: Rest, bob: Rest) -> None:
    fill(services.MOST_SCRIPTS - 1, "s")
    assert alice.post("/script", name="last", script="s")[0] == 200
    status, body = alice.post("/script", name="one more", script="s")
    assert (status, body["error"]) == (400, "INVALID_DATA")
    assert Script.objects.count() == services.MOST_SCRIPTS
    assert bob.post("/script", name="Bob's", script="s")[0] == 200


def test_the_total_size_of_a_logins_scripts_is_limited(alice: Rest) -> None:
    piece = 256 * 1024
    fill(services.MOST_BYTES // piece, "x" * piece)
    status, body = alice.post("/script", name="one more", script="s")
    assert (status, body["error"]) == (400, "INVALID_DATA")
    assert not Script.objects.filter(name="one more").exists()


def test_at_the_limit_a_script_can_still_be_changed(alice: Rest) -> None:
    fill(services.MOST_SCRIPTS, "s")
    script = Script.objects.first()
    assert script
    assert alice.put("/script", id=script.id, name="new")[0] == 200


def test_above_a_lowered_limit_scripts_can_only_be_reduced(alice: Rest) -> None:
    piece = 256 * 1024
    fill(services.MOST_BYTES // piece + 2, "x" * piece)
    script = Script.objects.first()
    assert script
    assert alice.put("/script", id=script.id, name="new")[0] == 200
    assert alice.put("/script", id=script.id, script="s")[0] == 200
    assert alice.put("/script", id=script.id, script="st")[0] == 400
    assert alice.post("/script", name="n", script="s")[0] == 400
    assert alice.delete(f"/script/{script.id}")[0] == 200
