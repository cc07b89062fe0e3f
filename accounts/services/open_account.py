"""Opens accounts by the client's own sign-up; staff use the staff services."""

from django.conf import settings

from accounts.errors import EmailTaken, GroupDisabled, GroupNotFound, GroupNotPublic
from accounts.models import Account, Group, User
from core.locks import transactional, try_lock
from core.sections import load_contributions


@transactional
def open_account(
    *, password: str, group: str | None = None, leverage: int | None = None, **profile: str
) -> User:
    """Open an account for a new client in a public group; receivers add what the group gives.

    Raises:
        GroupNotFound, GroupNotPublic, GroupDisabled.
        EmailTaken: SIGN_UP_UNIQUE_EMAIL is set, and another user has this address.
    """
    chosen = require_public_group(group)
    if settings.SIGN_UP_UNIQUE_EMAIL:
        _claim_mailbox(profile["email"])
    return create_client(chosen, password=password, leverage=leverage, **profile).user


def create_client(
    group: Group, *, password: str, leverage: int | None, **profile: object
) -> Account:
    """Create a client with an account, in the caller's transaction."""
    user = User.objects.create_user(User.objects.next_login(), password, **profile)
    account = Account.objects.create(user=user, group=group, leverage=leverage or group.leverage)
    for account_opened in load_contributions("account_opened"):
        account_opened(account)
    return account


def require_public_group(name: str | None) -> Group:
    """Return the named group, or the first one that is open to sign-up.

    Raises:
        GroupNotFound, GroupNotPublic, GroupDisabled.
    """
    if name is None:
        first = Group.objects.filter(public=True, enabled=True).order_by("name").first()
        if first is None:
            raise GroupNotFound("no group is open to sign-up")
        return first
    group = Group.objects.filter(name=name).first()
    if group is None:
        raise GroupNotFound("there is no such group")
    if not group.public:
        raise GroupNotPublic
    if not group.enabled:
        raise GroupDisabled
    return group


def is_email_taken(email: str) -> bool:
    """Check whether a user, client or staff, has this e-mail address, in either case."""
    return User.objects.filter(email__iexact=email).exists()


def _claim_mailbox(email: str) -> None:
    """Reserve the e-mail address until the transaction ends.

    Raises:
        EmailTaken: another user has it, or is about to.
    """
    if not try_lock(f"mailbox {email.casefold()}") or is_email_taken(email):
        raise EmailTaken
