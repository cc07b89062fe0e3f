"""Concurrent sign-ins with one code."""

import threading

import pytest
from django.db import connection

from accounts.models import User
from staff_auth import second_factor
from tests.staff_auth.conftest import AuthenticatorApp


def use_code_concurrently(user: User, code: str) -> list[bool]:
    """Return what four threads get for the same code."""
    start, answers = threading.Barrier(4), []

    def ask() -> None:
        start.wait()
        answers.append(second_factor.accept_code(user, code))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["telephone", "recovery"])
def test_of_four_concurrent_uses_of_a_code_one_succeeds(
    telephone: AuthenticatorApp, kind: str
) -> None:
    code = telephone.code() if kind == "telephone" else telephone.recovery[0]
    assert use_code_concurrently(telephone.user, code) == [False, False, False, True]
