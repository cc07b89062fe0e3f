"""Reads of users and accounts, and the account lock that every money change starts with."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import BaseUserManager
from django.db import connections, models

from accounts import sessions
from accounts.enums import SessionType
from accounts.errors import AccountDisabled
from core.clock import now
from core.numbers import is_digits

LOGIN_DIGITS = 18  # what a bigint surely holds
Session = tuple[int, int, str]  # login, session version, jti
LIVE = """
    SELECT asked.login, asked.version, asked.jti
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS asked (login, version, jti)
    JOIN accounts_user AS person ON person.login = asked.login AND person.enable
    AND (person.session_version = asked.version OR person.spared_jti = asked.jti)
    WHERE NOT EXISTS (SELECT FROM accounts_revokedtoken AS revoked WHERE revoked.jti = asked.jti)
"""

if TYPE_CHECKING:
    from accounts.models import Account, User


class UserManager(BaseUserManager["User"]):
    """Users by login."""

    def get_by_natural_key(self, username: str | int | None) -> "User":
        """The user of a login as it was typed; what is no number is nobody's."""
        typed = str(username)  # Django's commands have made a number of it
        if not is_digits(typed) or len(typed) > LOGIN_DIGITS:
            raise self.model.DoesNotExist
        return self.get(login=int(typed))

    def knowing(self, login: int, password: str) -> "User | None":
        """Whose login and password these are; nobody's costs the same time as a wrong password."""
        user: User | None = self.select_related("account__group").filter(pk=login).first()
        if user is None:
            self.model().set_password(password)  # hashes as long as a check would take
            return None
        return user if user.check_password(password) else None

    def create_user(self, login: int, password: str, **fields: Any) -> "User":
        """Insert a user with a hashed password, registered now."""
        user: User = self.model(login=login, regdate=now(), **fields)
        user.set_password(password)
        user.save(using=self._db, force_insert=True)  # never over somebody else's row
        return user

    def create_superuser(self, login: int, password: str, **fields: Any) -> "User":
        """An administrator; what `manage.py createsuperuser` asks for."""
        return self.create_user(
            login, password, type=SessionType.ADMIN, is_superuser=True, **fields
        )

    def next_login(self) -> int:
        """A login that nobody has: the sequence gives no number twice, whoever else asks now."""
        while True:
            with connections[self.db].cursor() as cursor:
                cursor.execute("SELECT nextval('accounts_login')")
                login: int = cursor.fetchone()[0]
            if not self.filter(pk=login).exists():  # given by hand
                return login

    def locked(self, login: int) -> "User | None":
        """The user's row under lock: a password is judged and changed in one."""
        return self.select_for_update(no_key=True).filter(pk=login).first()

    def for_session(self, login: int, version: int, jti: str) -> "User | None":
        """The user of a token that is not revoked, of the session version or spared by its end.

        One indexed read: user, account and group by join, the revocation by a subquery.

        Raises:
            AccountDisabled: the user was disabled after the session began.
        """
        user: User | None = sessions.read(login, version, jti, self.db)
        if user is not None and not user.enable:
            raise AccountDisabled
        return user

    def live_sessions(self, sessions: Collection[Session]) -> set[Session]:
        """Those that `for_session` would still know; one query for all of them."""
        if not sessions:
            return set()
        with connections[self.db].cursor() as cursor:
            cursor.execute(LIVE, [list(part) for part in zip(*sessions, strict=True)])
            return set(cursor.fetchall())


class AccountManager(models.Manager["Account"]):
    """Accounts by login."""

    def locked(self, login: int) -> "Account":
        """The account's row under FOR NO KEY UPDATE: the first lock of every change of money.

        No-key, so that inserts of rows that only refer to the account need not wait.
        """
        account: Account | None = sessions.locked(login, self.db)
        if account is None:
            raise self.model.DoesNotExist(f"there is no account {login}")
        return account

    def locked_all(self, logins: list[int]) -> "list[Account]":
        """Several accounts' rows under lock, taken in the order of their logins."""
        return list(
            self.select_related("group")
            .select_for_update(of=("self",), no_key=True)
            .filter(pk__in=logins)
            .order_by("pk")
        )
