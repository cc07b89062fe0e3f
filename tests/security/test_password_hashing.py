"""Sign-in takes the same work whether or not the login exists."""

from typing import Any, ClassVar

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from rest_framework.test import APIClient

from accounts.models import Account
from tests.conftest import error_of

WORKED: list[str] = []


class Counting(Argon2PasswordHasher):
    """Argon2 as in production, which counts its calls."""

    def encode(self, password: str, salt: str) -> str:
        WORKED.append("encode")
        return str(super().encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        WORKED.append("verify")
        return bool(super().verify(password, encoded))


class TestSigningIn:
    hasher: ClassVar[str] = f"{__name__}.Counting"

    @pytest.fixture(autouse=True)
    def _argon(self, settings: Any) -> None:
        settings.PASSWORD_HASHERS = [self.hasher]

    @pytest.mark.parametrize("login", [100001, 999_999])
    @pytest.mark.parametrize("path", ["rest", "admin"])
    def test_a_known_and_an_unknown_login_cost_one_hash(
        self, alice: Account, anonymous: APIClient, login: int, path: str
    ) -> None:
        alice.user.set_password("correct horse")
        alice.user.save()
        WORKED.clear()
        if path == "rest":
            answer = anonymous.post("/sign/in", {"login": login, "password": "wrong guess"})
            assert error_of(answer) == (403, "USER_NOT_FOUND_OR_INCORRECT")
        else:
            form = {"username": str(login), "password": "wrong guess"}
            assert anonymous.post("/admin/login/", form, format="multipart").status_code == 200
        assert len(WORKED) == 1, WORKED
