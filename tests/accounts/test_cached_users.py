"""Users and groups are kept by a process, but a change of their row counts at the next request."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group as Role
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from accounts import session_queries
from accounts.models import Account, Group, User
from accounts.revoked_token import RevokedToken
from core.session_tokens import SessionToken, user_of
from tests import factories
from tests.conftest import Signed, error_of


def session_of(user: User) -> Any:
    return SessionToken.read(str(SessionToken.issue(user.login, user.type, user.session_version)))


@pytest.fixture
def token(alice: Account) -> Any:
    """Alice's token, after a request that has made the process keep her."""
    token = session_of(alice.user)
    user_of(token)
    assert alice.login in session_queries._users
    return token


def fields_of(instance: Any) -> dict[str, Any]:
    return {f.attname: getattr(instance, f.attname) for f in instance._meta.concrete_fields}


def test_what_is_kept_is_what_the_database_has(token: Any, alice: Account) -> None:
    user = user_of(token)
    stored = User.objects.select_related("account__group").get(pk=alice.login)
    for found, expected in (
        (user, stored),
        (user.account, stored.account),
        (user.account.group, stored.account.group),
    ):
        assert fields_of(found) == fields_of(expected)
        assert [type(v) for v in fields_of(found).values()] == [
            type(v) for v in fields_of(expected).values()
        ]
        assert vars(found).keys() == vars(type(found).objects.get(pk=found.pk)).keys()
        assert (found._state.adding, found._state.db) == (False, "default")
    assert user.account.user is user


def test_a_kept_user_needs_one_statement(token: Any) -> None:
    with CaptureQueriesContext(connection) as captured:
        user = user_of(token)
        assert user.account.group.name == "demo-usd"
    assert len(captured) == 1


def test_each_request_has_instances_of_its_own(token: Any) -> None:
    first, second = user_of(token), user_of(token)
    assert first is not second
    first.name = first.account.group.name = "changed"
    assert (user_of(token).name, second.account.group.name) == ("Alice", "demo-usd")


@pytest.mark.parametrize("rounds", range(2))
def test_every_change_of_a_row_counts_at_once(token: Any, alice: Account, rounds: int) -> None:
    """All of it happens in one transaction, where the writer of the row stays the same."""
    User.objects.filter(pk=alice.pk).update(name="Al")
    Account.objects.filter(pk=alice.pk).update(leverage=7, seq=9)
    Group.objects.filter(pk=alice.group_id).update(hidden_symbols="X*")
    user = user_of(token)
    assert (user.name, user.account.leverage, user.account.seq) == ("Al", 7, 9)
    assert user.account.group.hidden_symbols == "X*"
    User.objects.filter(pk=alice.pk).update(name="Ali")
    assert user_of(token).name == "Ali"


def test_another_group_counts_at_once(token: Any, alice: Account) -> None:
    other = factories.group("other")
    Account.objects.filter(pk=alice.pk).update(group=other)
    assert user_of(token).account.group == other


def test_an_undone_change_is_not_kept(token: Any, alice: Account) -> None:
    with transaction.atomic():
        User.objects.filter(pk=alice.pk).update(name="Undone")
        assert user_of(token).name == "Undone"
        transaction.set_rollback(True)
    assert user_of(token).name == "Alice"
    with transaction.atomic():
        User.objects.filter(pk=alice.pk).update(name="Undone as well")
        transaction.set_rollback(True)
    assert user_of(token).name == "Alice"


def test_refusals_count_at_once(alice: Account, signed_in: Signed) -> None:
    client = signed_in(alice)
    assert client.get("/sign/check").status_code == 200
    User.objects.filter(pk=alice.pk).update(enable=False)
    assert error_of(client.get("/account/me"))[1] == "RET_ACCOUNT_DISABLED"
    User.objects.filter(pk=alice.pk).update(enable=True)
    assert client.get("/account/me").status_code == 200
    User.objects.filter(pk=alice.pk).update(session_version=2)
    assert error_of(client.get("/account/me"))[0] == 401


def test_a_revoked_token_of_a_kept_user_is_refused(token: Any, alice: Account) -> None:
    RevokedToken.objects.create(jti=token["jti"], expires="2030-01-01T00:00:00Z")
    assert session_queries.load_session_user(alice.pk, 1, token["jti"], "default") is None


def test_rights_of_staff_are_asked_at_each_request(carol: User, alice: Account) -> None:
    token = session_of(carol)
    assert user_of(token).has_perm("accounts.view_account")
    carol.groups.set(Role.objects.none())
    user = user_of(token)
    assert not user.has_perm("accounts.view_account")
    assert getattr(user, "account", None) is None
    carol.managed_groups = "none"
    carol.save()
    assert user_of(token).visible_groups == []


def test_no_more_users_are_kept_than_the_limit(
    alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_queries, "MOST_CACHED", 2)
    for number in range(5):
        user_of(session_of(factories.client(200_000 + number, alice.group).user))
    assert len(session_queries._users) <= 2


@pytest.fixture
def other_process(transactional_db: None) -> Iterator[Any]:
    """A connection that commits by itself."""
    other = connections.create_connection("default")
    yield other
    other.close()


def test_changes_of_another_process_count_at_once(other_process: Any) -> None:
    user = factories.client(100001, factories.group("demo-usd"), name="Alice").user
    token = session_of(user)
    for name in ("a", "b", "c"):
        user_of(token)
        with other_process.cursor() as cursor:
            cursor.execute("UPDATE accounts_user SET name = %s", [name])
            cursor.execute("VACUUM accounts_user")  # the next row may take an old one's place
        assert user_of(token).name == name
