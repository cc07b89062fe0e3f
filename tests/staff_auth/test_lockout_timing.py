"""An unknown login costs as much as a wrong password: both hash once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client, override_settings
from rest_framework.test import APIClient

from accounts.models import User
from tests.backoffice.forms import sign_in

ARGON = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
Door = Callable[[int], Any]


def sign_in_to_admin(login: int) -> Any:
    return sign_in(Client(), str(login), "not the password")


def sign_in_over_rest(login: int) -> Any:
    body = {"login": login, "password": "not the password"}
    return APIClient().post("/sign/in", body, format="json")


@pytest.mark.parametrize("door", [sign_in_to_admin, sign_in_over_rest])
def test_an_unknown_login_and_a_wrong_password_are_hashed_once(
    carol: User, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = []
    with override_settings(PASSWORD_HASHERS=ARGON):
        carol.set_password("correct horse")
        carol.save()
        whole = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify
        for name, real in zip(("encode", "verify"), whole, strict=True):

            def counted(self: Any, *args: Any, real: Any = real) -> Any:
                hashed.append(1)
                return real(self, *args)

            monkeypatch.setattr(Argon2PasswordHasher, name, counted)
        counts = []
        for login in (carol.pk, 4711):
            hashed.clear()
            door(login)
            counts.append(len(hashed))
    assert counts == [1, 1]
