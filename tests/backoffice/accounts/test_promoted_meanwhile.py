"""Whoever becomes staff while a manager presses the button is out of the manager's reach."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.enums import SessionType
from accounts.models import User
from audit.models import Entry
from tests import factories
from tests.backoffice.acts import place, send
from tests.conftest import staff
from tests.embedded.conditions import until


def waits() -> bool:
    """Whether somebody waits for a row in this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", ["reset-password", "disable"])
def test_a_promotion_under_way_is_waited_for(action: str) -> None:
    from django.contrib.auth.models import Permission

    mary = staff(4, "Mary", SessionType.MANAGER)
    names = ("manage_access", "view_account")
    mary.user_permissions.set(Permission.objects.filter(codename__in=names))
    factories.client(100001, factories.group("demo-usd"))
    client, answers = Client(), []
    client.force_login(mary)

    def press() -> None:
        answers.append(send(client, place(100001, action)))
        connection.close()

    thread = threading.Thread(target=press)
    with transaction.atomic():
        User.objects.filter(pk=100001).update(type=SessionType.ADMIN, is_superuser=True)
        thread.start()
        until(waits)
    thread.join(20)
    answer: Any = answers[0]
    assert "cannot be done any more" in str(answer.context["form"].errors)
    user = User.objects.get(pk=100001)
    assert user.enable
    assert user.check_password(factories.PASSWORD)
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_so_it_is_by_the_form_of_the_password() -> None:
    from django.contrib.auth.models import Permission

    mary = staff(4, "Mary", SessionType.MANAGER)
    names = ("change_user", "view_user")
    mary.user_permissions.set(Permission.objects.filter(codename__in=names))
    factories.client(100001, factories.group("demo-usd"))
    client, answers = Client(), []
    client.force_login(mary)
    new = {"password1": "newhorse", "password2": "newhorse", "set-password": "1"}

    def press() -> None:
        answers.append(client.post("/admin/accounts/user/100001/password/", new))
        connection.close()

    thread = threading.Thread(target=press)
    with transaction.atomic():
        User.objects.filter(pk=100001).update(type=SessionType.ADMIN, is_superuser=True)
        thread.start()
        until(waits)
    thread.join(20)
    assert answers[0].status_code == 403
    assert User.objects.get(pk=100001).check_password(factories.PASSWORD)
