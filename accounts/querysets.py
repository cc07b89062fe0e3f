"""Queries of users and accounts, and the account lock that every change of money begins with."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.contrib.auth.models import BaseUserManager
from django.db import connections, models

from accounts import session_queries
from accounts.enums import SessionType
from accounts.errors import AccountDisabled
from core.clock import now
from core.numbers import is_digits

LOGIN_DIGITS = 18  # what a bigint surely holds
SessionKey = tuple[int, int, str]  # login, session version, jti
LIVE_SESSIONS = """
    SELECT asked.login, asked.version, asked.jti
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS asked (login, version, jti)
    JOIN accounts_user AS person ON person.login = asked.login AND person.enable
    AND (person.session_version = asked.version OR person.spared_jti = asked.jti)
    WHERE NOT EXISTS (SELECT FROM accounts_revokedtoken AS revoked WHERE revoked.jti = asked.jti)
"""

if TYPE_CHECKING:
    from accounts.models import Account, User


class UserManager(BaseUserManager["User"]):
    """Queries of users by login."""

    def get_by_natural_key(self, username: str | int | None) -> "User":
        """Return the user with this login.

        Raises:
            DoesNotExist: there is none, or `username` is no decimal number.
        """
        typed = str(username)  # Django's commands pass a number
        if not is_digits(typed) or len(typed) > LOGIN_DIGITS:
            raise self.model.DoesNotExist
        return self.get(login=int(typed))

    def with_password(self, login: int, password: str) -> "User | None":
        """Return the user if login and password are right, else None.

        An unknown login takes as long as a wrong password.
        """
        user: User | None = self.select_related("account__group").filter(pk=login).first()
        if user is None:
            self.model().set_password(password)  # hashing takes as long as a check
            return None
        return user if user.check_password(password) else None

    def create_user(self, login: int, password: str, **fields: object) -> "User":
        """Insert a user with a hashed password, registered now."""
        user: User = self.model(login=login, regdate=now(), **fields)
        user.set_password(password)
        user.save(using=self._db, force_insert=True)  # never over an existing row
        return user

    def create_superuser(self, login: int, password: str, **fields: object) -> "User":
        """Insert an administrator, for `manage.py createsuperuser`."""
        return self.create_user(
            login, password, type=SessionType.ADMIN, is_superuser=True, **fields
        )

    def next_login(self) -> int:
        """Return an unused login; the sequence never returns a number twice."""
        while True:
            with connections[self.db].cursor() as cursor:
                cursor.execute("SELECT nextval('accounts_login')")
                login: int = cursor.fetchone()[0]
            if not self.filter(pk=login).exists():  # assigned by hand
                return login

    def locked(self, login: int) -> "User | None":
        """Return the user's row under lock, or None, to check and change a password in one."""
        return self.select_for_update(no_key=True).filter(pk=login).first()

    def for_session(self, login: int, version: int, jti: str) -> "User | None":
        """Return the user of a live token: of the session version, or spared by its end.

        None if the token is revoked or ended. It is one query: user, account and group are
        joined, the revocation is a subquery.

        Raises:
            AccountDisabled: the user was disabled after the session began.
        """
        user: User | None = session_queries.load_session_user(login, version, jti, self.db)
        if user is not None and not user.enable:
            raise AccountDisabled
        return user

    def live_sessions(self, sessions: Collection[SessionKey]) -> set[SessionKey]:
        """Return those sessions that `for_session` would accept, by one query."""
        if not sessions:
            return set()
        with connections[self.db].cursor() as cursor:
            cursor.execute(LIVE_SESSIONS, [list(part) for part in zip(*sessions, strict=True)])
            return set(cursor.fetchall())


class AccountManager(models.Manager["Account"]):
    """Queries of accounts by login."""

    def locked(self, login: int) -> "Account":
        """Lock the account's row FOR NO KEY UPDATE, the first lock of every change of money.

        No-key, so that inserts of rows that only refer to the account need not wait.

        Raises:
            DoesNotExist: there is no such account.
        """
        account: Account | None = session_queries.lock_account_row(login, self.db)
        if account is None:
            raise self.model.DoesNotExist(f"there is no account {login}")
        return account

    def locked_all(self, logins: list[int]) -> "list[Account]":
        """Lock and return the rows of several accounts, in the order of their logins."""
        return list(
            self.select_related("group")
            .select_for_update(of=("self",), no_key=True)
            .filter(pk__in=logins)
            .order_by("pk")
        )
