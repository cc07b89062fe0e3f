"""Sign-up with a verified mailbox: store it, mail a code, open the account with the code."""

import secrets

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.crypto import constant_time_compare

from accounts.enums import SessionType
from accounts.errors import WrongSignUpCode
from accounts.mailed_codes import generate_code, normalize_code
from accounts.models import User
from accounts.pending_sign_up import PendingSignUp
from accounts.services.open_account import is_email_taken, open_account, require_public_group
from core.clock import now
from core.locks import transactional

CODE_LIFE = 3600  # seconds
CODE_LENGTH = 8  # 40 bits, with few tries
MAX_TRIES = 5


@transactional
def start_sign_up(
    *, password: str, email: str, group: str | None = None, leverage: int | None = None, **more: str
) -> PendingSignUp:
    """Store a sign-up whose code will be mailed, whether or not an account exists.

    Raises:
        GroupNotFound, GroupNotPublic, GroupDisabled.
    """
    require_public_group(group)
    time = now()
    return PendingSignUp.objects.create(
        email=email,
        code=generate_code(CODE_LENGTH),
        password=make_password(password),
        group=group or "",
        leverage=leverage,
        profile=more,
        until=time + CODE_LIFE,
        mail_due=time,
    )


def confirm_sign_up(*, pending_id: int, code: str) -> int:
    """Return the login of the account that the code opens, or has opened before.

    Raises:
        WrongSignUpCode: the same for an unknown, expired, wrong or too often tried code.
        EmailTaken: the mailbox has got an account meanwhile.
        GroupNotFound, GroupNotPublic, GroupDisabled.
    """
    login = _open_confirmed(pending_id, normalize_code(code))
    if login is None:
        raise WrongSignUpCode
    return login


@transactional
def _open_confirmed(pending_id: int, code: str) -> int | None:
    """Open the account; None for a wrong code, whose count is committed."""
    rows = PendingSignUp.objects.select_for_update(no_key=True)
    pending = rows.filter(pk=pending_id, until__gt=now(), tries__lt=MAX_TRIES).first()
    if pending is None:
        return None
    if not constant_time_compare(code, pending.code):
        pending.tries += 1
        pending.save(update_fields=["tries"])
        return None
    if pending.login is not None:
        # A repeat: the code must not bypass a newer password or a second factor.
        same = User.objects.filter(
            pk=pending.login, password=pending.password, type=SessionType.USER
        )
        return pending.login if same.exists() else None
    user = open_account(password=secrets.token_urlsafe(), **pending.account_fields())
    User.objects.filter(pk=user.pk).update(password=pending.password)
    pending.login = user.pk
    pending.save(update_fields=["login"])
    return pending.login


def compose_code_mail(pending: PendingSignUp) -> tuple[str, str]:
    """Return the subject and the text of the mail; its reader owns the mailbox."""
    if settings.SIGN_UP_UNIQUE_EMAIL and is_email_taken(pending.email):
        return "You have an account already", TAKEN_TEXT
    code = f"{pending.code[:4]}-{pending.code[4:]}"
    return "Your code", CODE_TEXT.format(code=code)


CODE_TEXT = """\
Somebody, probably you, wants to open an account with this e-mail address.

Your code: {code}

Enter it in the terminal within an hour. If it was not you, do nothing: no account is opened.
"""
TAKEN_TEXT = """\
Somebody, probably you, wants to open an account with this e-mail address. It has one already, so
no other is opened. If it was not you, do nothing.
"""
