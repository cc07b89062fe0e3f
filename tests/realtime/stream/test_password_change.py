"""A new password closes the sockets of every session but the one that changed it."""

from rest_framework.test import APIClient

from accounts.models import Account, User
from tests.factories import PASSWORD
from tests.realtime.conftest import Connect, issue_token


def test_only_sockets_of_the_changing_session_stay_open(client: Connect, alice: Account) -> None:
    asking, other = issue_token(alice.user), issue_token(alice.user)
    stays, goes = client(), client()
    assert stays.ask({"authorization": str(asking)})["success"]
    assert goes.ask({"authorization": str(other)})["success"]
    body = {"old_password": PASSWORD, "password": "a new secret"}
    headers = {"authorization": str(asking)}
    assert APIClient().put("/password", body, format="json", headers=headers).status_code == 200
    assert goes.close_code() == 4401
    # Longer than a beat, at which the hub asks which sessions have ended.
    assert stays.is_quiet(seconds=6)
    stays.send("ping")
    assert stays.text() == "pong"
    assert client().ask({"authorization": str(asking)})["success"]
    assert not client().ask({"authorization": str(other)})["success"]


def test_a_password_set_by_staff_closes_all_sockets(client: Connect, alice: Account) -> None:
    socket = client(alice)
    user = User.objects.get(pk=alice.pk)
    user.set_password("a new secret")
    user.save()
    assert socket.close_code() == 4401
