"""Staff actions on a client's access: disable, read-only, passwords and sessions."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account, User
from audit.models import Entry
from core.session_tokens import SessionToken
from realtime.models import AccountEvent
from tests.backoffice.actions.account_actions import action_url, execute_form, form_data, post_form
from tests.backoffice.fixtures import Browser
from tests.backoffice.forms import sign_in
from tests.conftest import Signed, error_of

Commit = Callable[..., object]


def token_works(account: Account, version: int = 1) -> bool:
    """Whether a token of the session version, by default that of new users, is good."""
    token = SessionToken.issue(account.login, 0, version)
    return Client().get("/sign/check", headers={"authorization": str(token)}).status_code == 200


def test_disabling_ends_the_sessions_and_enabling_allows_sign_in_again(
    alice: Account, mary: User, browser: Browser
) -> None:
    client = browser(mary)
    execute_form(client, action_url(alice, "disable"))
    assert not token_works(alice)
    assert not User.objects.get(pk=alice.pk).enable
    execute_form(client, action_url(alice, "enable"))
    assert not token_works(alice), "the ended session stays ended"
    user = User.objects.get(pk=alice.pk)
    assert token_works(alice, user.session_version)
    shut, opened = Entry.objects.order_by("id")
    assert (shut.before["enabled"], shut.after["enabled"]) == (True, False)
    assert (opened.before["enabled"], opened.after["enabled"]) == (False, True)


def test_only_applicable_actions_are_offered_and_accepted(
    alice: Account, mary: User, browser: Browser
) -> None:
    client = browser(mary)
    assert post_form(client, action_url(alice, "enable")).status_code == 403
    assert post_form(client, action_url(alice, "trade-again")).status_code == 403
    execute_form(client, action_url(alice, "disable"))
    assert post_form(client, action_url(alice, "disable")).status_code == 403
    page = client.get("/admin/accounts/account/100001/change/").content.decode()
    assert "/do/enable/" in page
    assert "/do/disable/" not in page


def test_a_read_only_account_does_not_trade_until_trading_is_allowed_again(
    alice: Account, mary: User, browser: Browser, eurusd: object, signed_in: Signed
) -> None:
    client, order = browser(mary), {"cmd": 0, "symbol": "EURUSD", "volume": 10, "sl": 0, "tp": 0}
    execute_form(client, action_url(alice, "read-only"))
    answer = signed_in(alice).post("/trade/open", order)
    assert error_of(answer) == (403, "RET_TRADE_READ_ONLY")
    assert signed_in(alice).get("/sign/check").json()["enable_read_only"] == 1
    execute_form(client, action_url(alice, "trade-again"))
    assert signed_in(alice).post("/trade/open", order).status_code == 200
    notices = AccountEvent.objects.filter(login=100001, event__0="n").values_list(
        "event", flat=True
    )
    assert [event[2] for event in notices] == [
        "The account may only be looked at.",
        "The account may trade again.",
    ]


def test_a_reset_password_is_shown_once_and_stored_nowhere_in_plain_text(
    alice: Account, mary: User, browser: Browser
) -> None:
    client, form = browser(mary), form_data()
    assert token_works(alice)
    answer = client.post(action_url(alice, "reset-password"), form)
    password = answer.context["done"].secret.text
    page = answer.content.decode()
    assert f'<code id="secret">{password}</code>' in page
    assert '<button type="button" data-copies="secret">Copy</button>' in page
    assert "New password, shown only once" in page
    assert "no-store" in answer["Cache-Control"]
    assert len(password) >= 12
    assert User.objects.get(pk=alice.pk).check_password(password)
    assert not token_works(alice)
    assert password not in repr(list(Entry.objects.values()))
    again = client.post(action_url(alice, "reset-password"), form, follow=True)
    assert password not in again.content.decode()
    assert User.objects.get(pk=alice.pk).check_password(password), "the form was done once"
    session = Client().post(
        "/sign/in", {"login": 100001, "password": password}, content_type="application/json"
    )
    assert session.status_code == 200


def test_ending_sessions_signs_out_everywhere_and_disables_nothing(
    alice: Account, bob: Account, mary: User, browser: Browser
) -> None:
    assert token_works(alice)
    execute_form(browser(mary), action_url(alice, "end-sessions"))
    assert not token_works(alice)
    assert token_works(bob)
    user = User.objects.get(pk=alice.pk)
    assert user.enable
    assert user.check_password("correct horse")


@pytest.mark.parametrize("action", ["disable", "read-only", "reset-password", "end-sessions"])
def test_ending_sessions_is_published_to_the_sockets(
    alice: Account,
    mary: User,
    browser: Browser,
    action: str,
    django_capture_on_commit_callbacks: Commit,
) -> None:
    from core import redis
    from realtime.events.publish import account_channel

    client = browser(mary)
    with redis.sync_client().pubsub(ignore_subscribe_messages=True) as listener:  # type: ignore[no-untyped-call]
        listener.subscribe(account_channel(100001))
        listener.get_message(timeout=2)
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            execute_form(client, action_url(alice, action))
        message = listener.get_message(timeout=2)
    assert message
    assert ('"end"' in message["data"]) == (action != "read-only")


@pytest.mark.parametrize("action", ["disable", "reset-password", "end-sessions", "read-only"])
def test_a_manager_cannot_act_on_staff_or_itself_through_an_account(
    admin: User, mary: User, alice: Account, browser: Browser, action: str
) -> None:
    for login in (1, 4):
        Account.objects.create(user_id=login, group=alice.group, leverage=100)
        assert post_form(browser(mary), action_url(login, action)).status_code == 403
        assert User.objects.get(pk=login).check_password("correct horse")
        assert User.objects.get(pk=login).enable
    assert not Entry.objects.filter(model="accounts.account").exists()


@pytest.mark.parametrize(
    "action", ["disable", "read-only", "reset-password", "end-sessions", "open"]
)
def test_support_and_dealers_cannot_use_access_actions(
    request: pytest.FixtureRequest, alice: Account, browser: Browser, action: str
) -> None:
    url = "/admin/accounts/account/do/open/" if action == "open" else action_url(alice, action)
    for name in ("carol", "dan"):
        client = browser(request.getfixturevalue(name))
        assert client.get(url).status_code == 403
        assert client.post(url, form_data()).status_code == 403
    assert token_works(alice)
    assert sign_in(Client(), "100001").status_code == 200, "a client is no staff"
