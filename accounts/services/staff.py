"""Staff services: opening clients' accounts and controlling access, but not money."""

import secrets
from collections.abc import Iterable

from django.contrib.auth.models import Group as Role

from accounts.enums import SessionType
from accounts.errors import GroupDisabled
from accounts.models import Account, Group, User
from accounts.services.open_account import create_client
from core.locks import transactional
from realtime.events import event_log
from realtime.events.types import NotificationEvent, NotificationLevel, NotificationType

RANDOM_CHARACTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no look-alikes
PASSWORD_LENGTH = 14  # characters of a generated password: 80 bits


def generate_password() -> str:
    """Generate a random password."""
    return "".join(secrets.choice(RANDOM_CHARACTERS) for _ in range(PASSWORD_LENGTH))


@transactional
def open_account_by_staff(
    *, group: Group, password: str, leverage: int | None = None, **profile: str
) -> Account:
    """Open an account for a new client in any enabled group; receivers add what it gives.

    Raises:
        GroupDisabled: the group is disabled.
    """
    if not Group.objects.filter(pk=group.pk, enabled=True).exists():
        raise GroupDisabled
    return create_client(group, password=password, leverage=leverage, **profile)


@transactional
def add_staff(
    *, password: str, kind: SessionType, roles: Iterable[Role], managed_groups: str, **profile: str
) -> User:
    """Add a member of staff, who has no trading account."""
    user = User.objects.create_user(
        User.objects.next_login(),
        password,
        type=kind,
        is_superuser=kind == SessionType.ADMIN,
        managed_groups=managed_groups,
        **profile,
    )
    user.groups.set(roles)
    return user


@transactional
def set_enabled(*, login: int, enabled: bool) -> Account:
    """Enable or disable the client; its sessions end and its sockets are closed.

    Its positions stay open: stop losses, margin rules and alerts go on.
    """
    account, user = _lock_account_and_user(login)
    user.enable = enabled
    user.save(update_fields=["enable", *user.end_sessions()])
    return account


@transactional
def set_read_only(*, login: int, read_only: bool) -> Account:
    """Allow or forbid the client to trade, and notify it."""
    account = Account.objects.locked(login)
    account.enable_read_only = read_only
    account.save(update_fields=["enable_read_only"])
    message = "The account may only be looked at." if read_only else "The account may trade again."
    event_log.append_events(
        account,
        NotificationEvent.for_login(
            login,
            NotificationType.TRADING_RIGHTS,
            ("Trading rights", message),
            NotificationLevel.INFO,
            enable_read_only=int(read_only),
        ),
    )
    return account


@transactional
def set_password(*, login: int, password: str) -> Account:
    """Set the client's password; its sessions end and its sockets are closed."""
    account, user = _lock_account_and_user(login)
    user.set_password(password)
    user.save(update_fields=["password"])
    return account


@transactional
def end_sessions(*, login: int) -> Account:
    """Sign the client out everywhere."""
    account, user = _lock_account_and_user(login)
    user.save(update_fields=user.end_sessions())
    return account


def _lock_account_and_user(login: int) -> tuple[Account, User]:
    """Lock the account, then its user."""
    account = Account.objects.locked(login)
    return account, User.objects.select_for_update(no_key=True).get(pk=login)
