"""Reads of users and accounts, and the account lock that every money change starts with."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import BaseUserManager
from django.db import models

from accounts.errors import AccountDisabled
from core.clock import now

LOGIN_DIGITS = 18  # what a bigint surely holds

if TYPE_CHECKING:
    from accounts.models import Account, User


class UserManager(BaseUserManager["User"]):
    """Users by login."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user of a login as it was typed; what is no number is nobody's."""
        if username is None or not username.isdecimal() or len(username) > LOGIN_DIGITS:
            raise self.model.DoesNotExist
        return self.get(login=int(username))

    def create_user(self, login: int, password: str, **fields: Any) -> "User":
        """Insert a user with a hashed password, registered now."""
        user: User = self.model(login=login, regdate=now(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def for_session(self, login: int, version: int, jti: str) -> "User | None":
        """The user of a token that is neither revoked nor of an older session version.

        One indexed read: user, account and group by join, the revocation by a subquery.

        Raises:
            AccountDisabled: the user was disabled after the session began.
        """
        from accounts.models import RevokedToken

        user = (
            self.select_related("account__group")
            .filter(login=login, session_version=version)
            .exclude(models.Exists(RevokedToken.objects.filter(jti=jti)))
            .first()
        )
        if user is not None and not user.enable:
            raise AccountDisabled
        return user


class AccountManager(models.Manager["Account"]):
    """Accounts by login."""

    def locked(self, login: int) -> "Account":
        """The account's row under FOR NO KEY UPDATE: the first lock of every change of money.

        No-key, so that inserts of rows that only refer to the account need not wait.
        """
        return (
            self.select_related("group", "user")
            .select_for_update(of=("self",), no_key=True)
            .get(pk=login)
        )

    def locked_all(self, logins: list[int]) -> "list[Account]":
        """Several accounts' rows under lock, taken in the order of their logins."""
        return list(
            self.select_related("group")
            .select_for_update(of=("self",), no_key=True)
            .filter(pk__in=logins)
            .order_by("pk")
        )
