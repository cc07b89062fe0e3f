"""Staff publish scripts in the backoffice and over REST, by right and audited."""

import pytest
from django.test import Client

from accounts.models import User
from audit.models import Entry
from scripts.enums import Visibility
from scripts.models import Script
from tests.rest_client import Rest


@pytest.fixture
def script(alice: Rest) -> Script:
    _, body = alice.post("/script", name="Mine", script="x")
    return Script.objects.get(pk=body["id"])


@pytest.fixture
def browser(django_user_model: type[User], admin: Rest) -> Client:
    client = Client()
    client.force_login(django_user_model.objects.get(is_superuser=True))
    return client


def choose(client: Client, action: str, script: Script) -> str:
    ticked = {"action": action, "_selected_action": [script.pk]}
    answer = client.post("/admin/scripts/script/", ticked, follow=True)
    script.refresh_from_db()
    return answer.content.decode()


def test_a_script_is_published_in_the_backoffice(
    browser: Client, bob: Rest, script: Script
) -> None:
    assert bob.get(f"/script/{script.pk}")[0] == 403
    assert "1 made public." in choose(browser, "publish", script)
    assert bob.get(f"/script/{script.pk}")[1]["type"] == "public"
    assert [row["id"] for row in bob.get("/scripts")[1]["rows"]] == [script.pk]
    entry = Entry.objects.get(model="scripts.script")
    assert (entry.login, entry.before, entry.after) == (
        100001, {"visibility": "private"}, {"visibility": "public"},
    )  # fmt: skip
    choose(browser, "make_private", script)
    assert bob.get(f"/script/{script.pk}")[0] == 403


def test_support_publishes_nothing(
    carol: Rest, script: Script, django_user_model: type[User]
) -> None:
    client = Client()
    client.force_login(django_user_model.objects.get(pk=3))
    choose(client, "publish", script)
    body = {"login": 100001, "id": script.pk, "visibility": "public"}
    assert carol.put("/script", **body)[0] == 403
    assert carol.delete(f"/script/{script.pk}", login=100001)[0] == 403
    script.refresh_from_db()
    assert script.visibility == Visibility.PRIVATE


def test_administrators_write_a_clients_scripts_audited(admin: Rest, script: Script) -> None:
    body = {"login": 100001, "id": script.pk}
    assert admin.put("/script", **body, visibility="public", script="y")[0] == 200
    assert admin.put("/script", login=100002, id=script.pk, script="z")[0] == 400  # no account
    script.refresh_from_db()
    assert (script.script, script.visibility) == ("y", "public")
    assert admin.delete(f"/script/{script.pk}", login=100001)[0] == 200
    assert not Script.objects.exists()
    made = Entry.objects.filter(login=100001).order_by("id")
    assert [entry.action for entry in made] == ["change", "delete"]
