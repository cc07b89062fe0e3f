"""A staff action's form is executed once, wholly or not at all, and only with permission."""

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from accounts.backoffice import actions
from accounts.enums import SessionType
from accounts.models import Account, User
from audit.models import Entry
from backoffice.actions.action import ActionResult
from backoffice.actions.execute import AlreadyExecuted, NoLongerPossible, execute_action
from core import locks
from core.errors import Denied, Refused
from tests import factories
from tests.backoffice.actions.account_actions import action_url, confirmed_form, form_data
from tests.conftest import staff
from trading.backoffice.actions.money_operations import AmountAnswers, Deposit
from trading.models import Trade

KEY = "11111111-1111-4111-8111-111111111111"
DATA = {"amount": Decimal(25), "comment": "", "reason": "why"}


@pytest.fixture
def asking(admin: User) -> Any:
    request = RequestFactory().post("/")
    request.user = admin
    return request


def test_a_form_sent_again_is_executed_once_and_says_so(alice: Account, admin: User) -> None:
    client = Client()
    client.force_login(admin)
    form = confirmed_form(client, action_url(alice, "deposit"), amount="25")
    for _ in range(3):
        answer = client.post(action_url(alice, "deposit"), form)
        assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "this was done already" in page
    alice.refresh_from_db()
    assert alice.balance == 10_025
    assert Entry.objects.count() == 1


def test_an_executed_form_says_so_although_the_action_no_longer_applies(
    alice: Account, admin: User
) -> None:
    client, form = Client(), form_data()
    client.force_login(admin)
    assert client.post(action_url(alice, "disable"), form).status_code == 302
    assert client.post(action_url(alice, "disable"), form).status_code == 302
    assert client.post(action_url(alice, "disable"), form_data()).status_code == 403
    assert Entry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", ["deposit", "reset-password"])
def test_the_same_form_sent_by_many_threads_is_executed_once(action: str) -> None:
    admin = staff(1, "Administrator", SessionType.ADMIN)
    factories.client(100001, factories.group("demo-usd"))
    start, answers = threading.Barrier(4), list[int]()
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(admin)
    form = form_data()
    if action == "deposit":
        form = confirmed_form(clients[0], action_url(100001, action), amount="25")

    def post(client: Client) -> None:
        start.wait(5)
        answers.append(client.post(action_url(100001, action), form).status_code)
        connection.close()

    threads = [threading.Thread(target=post, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == ([302] * 4 if action == "deposit" else [200, 302, 302, 302])
    assert Entry.objects.count() == 1
    if action == "deposit":
        assert Account.objects.get(pk=100001).balance == 10_025
        assert Trade.objects.count() == 2
    else:
        assert User.objects.get(pk=100001).session_version == 2


def test_a_failure_after_the_money_moved_rolls_everything_back(alice: Account, asking: Any) -> None:
    class Broken(Deposit):
        def run(self, by: Any, row: Any, data: AmountAnswers) -> ActionResult:
            super().run(by, row, data)
            raise Refused("on second thought")

    with pytest.raises(Refused):
        execute_action(asking, Broken(), alice, DATA, KEY)
    alice.refresh_from_db()
    assert (alice.balance, Trade.objects.count(), Entry.objects.count()) == (10_000, 1, 0)
    execute_action(asking, Deposit(), alice, DATA, KEY)
    assert Entry.objects.get().form == KEY


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_repeats_the_whole_action(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError
    from psycopg.errors import DeadlockDetected

    monkeypatch.setattr(locks, "PAUSE", 0)
    admin = staff(1, "Administrator", SessionType.ADMIN)
    alice = factories.client(100001, factories.group("demo-usd"))
    tries: list[int] = []

    class Unlucky(Deposit):
        def run(self, by: Any, row: Any, data: AmountAnswers) -> ActionResult:
            done = super().run(by, row, data)
            tries.append(len(tries))
            if len(tries) == 1:
                raise OperationalError from DeadlockDetected()
            return done

    request: Any = RequestFactory().post("/")
    request.user = admin
    execute_action(request, Unlucky(), alice, DATA, KEY)
    alice.refresh_from_db()
    assert (len(tries), alice.balance, Trade.objects.count()) == (2, 10_025, 2)
    assert Entry.objects.get().after["balance"] == "10025"


def test_permissions_are_checked_again_under_the_lock(alice: Account, asking: Any) -> None:
    User.objects.filter(pk=alice.pk).update(enable=False)
    with pytest.raises(NoLongerPossible):
        execute_action(asking, actions.Disable(), alice, {"reason": "why"}, KEY)
    assert not Entry.objects.exists()


def test_an_account_that_left_the_scope_is_not_changed(
    alice: Account, bob: Account, asking: Any
) -> None:
    asking.user = staff(4, "Mary", SessionType.MANAGER, "manager")
    asking.user.managed_groups = "std-*"
    with pytest.raises(Denied):
        execute_action(asking, Deposit(), alice, DATA, KEY)
    execute_action(asking, Deposit(), bob, DATA, KEY)
    assert Entry.objects.get().login == bob.pk


def test_executing_the_same_form_again_raises_done_before(alice: Account, asking: Any) -> None:
    execute_action(asking, Deposit(), alice, DATA, KEY)
    with pytest.raises(AlreadyExecuted):
        execute_action(asking, Deposit(), alice, DATA, KEY)


@pytest.mark.parametrize("action", ["nothing", "open"])
def test_an_unknown_action_is_404(alice: Account, admin: User, action: str) -> None:
    client = Client()
    client.force_login(admin)
    assert client.get(action_url(alice, action)).status_code == 404
    assert client.get("/admin/accounts/account/do/deposit/").status_code == 404
    assert client.get("/admin/accounts/account/999/do/deposit/").status_code == 404


@pytest.mark.parametrize("key", ["", "x", "1234"])
def test_a_form_without_its_key_is_not_executed(alice: Account, admin: User, key: str) -> None:
    client = Client()
    client.force_login(admin)
    answer = client.post(action_url(alice, "deposit"), form_data(amount="25") | {"form": key})
    assert answer.status_code == 200
    alice.refresh_from_db()
    assert alice.balance == 10_000
