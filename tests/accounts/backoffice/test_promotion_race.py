"""A user promoted to staff during a manager's action is out of the manager's reach."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.test import Client

from accounts.enums import SessionType
from accounts.models import User
from audit.models import Entry
from tests import factories
from tests.backoffice.actions.account_actions import action_url, post_form
from tests.conftest import staff
from tests.runtime.process_helpers import wait_until


def is_lock_waited_for() -> bool:
    """Return whether a transaction of this database waits for a row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


def manager_with(*rights: str) -> Client:
    """Return a signed-in manager with these permissions and no role; create a client."""
    mary = staff(4, "Mary", SessionType.MANAGER)
    mary.user_permissions.set(Permission.objects.filter(codename__in=rights))
    factories.client(100001, factories.group("demo-usd"))
    client = Client()
    client.force_login(mary)
    return client


def answer_during_promotion(press: Callable[[], Any]) -> Any:
    """Return the answer to a request sent while the client is being promoted."""
    answers = []

    def pressed() -> None:
        answers.append(press())
        connection.close()

    thread = threading.Thread(target=pressed)
    with transaction.atomic():
        User.objects.filter(pk=100001).update(type=SessionType.ADMIN, is_superuser=True)
        thread.start()
        wait_until(is_lock_waited_for)
    thread.join(20)
    return answers[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", ["reset-password", "disable"])
def test_an_action_waits_for_a_running_promotion_and_is_refused(action: str) -> None:
    client = manager_with("manage_access", "view_account")
    answer = answer_during_promotion(lambda: post_form(client, action_url(100001, action)))
    assert "cannot be done any more" in str(answer.context["form"].errors)
    user = User.objects.get(pk=100001)
    assert user.enable
    assert user.check_password(factories.PASSWORD)
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_password_form_waits_for_a_running_promotion_and_is_refused() -> None:
    client = manager_with("change_user", "view_user")
    new = {
        "password1": "newhorse",
        "password2": "newhorse",
        "set-password": "1",
        "_reason": "asked",
    }
    answer = answer_during_promotion(
        lambda: client.post("/admin/accounts/user/100001/password/", new)
    )
    assert answer.status_code == 403
    assert User.objects.get(pk=100001).check_password(factories.PASSWORD)
