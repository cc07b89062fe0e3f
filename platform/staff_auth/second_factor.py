"""The second factor: TOTP codes (RFC 6238, steps of thirty seconds) and recovery codes."""

import base64
import hashlib
import secrets
from collections.abc import Collection

import pyotp
from django.conf import settings
from django.contrib.auth import get_user_model

from core.clock import now
from core.locks import transactional
from core.users import User
from staff_auth.models import Factor, RecoveryCode

STEP_SECONDS = 30  # seconds
MAX_DRIFT = 1  # steps that a clock may be ahead or behind
RECOVERY_CODES = 10
RECOVERY_BYTES = 10  # 80 bits cannot be guessed, so a plain hash is enough


def is_enrolled(user: User) -> bool:
    """Return whether the user has a second factor."""
    return Factor.objects.filter(pk=user.pk).exists()


def enrolled_among(logins: Collection[int]) -> set[int]:
    """Return those of the logins that have a second factor."""
    return set(Factor.objects.filter(pk__in=logins).values_list("pk", flat=True))


def is_required(user: User) -> bool:
    """Return whether STAFF_SECOND_FACTOR demands a second factor of this user."""
    policy: str = settings.STAFF_SECOND_FACTOR
    return policy == "all" or (policy == "administrators" and bool(user.is_superuser))


def generate_secret() -> str:
    """Return a new random secret in base32."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, user: User, issuer: str) -> str:
    """Return the otpauth:// URI that the QR code contains."""
    return pyotp.TOTP(secret).provisioning_uri(name=str(user.pk), issuer_name=issuer)


def totp_code(secret: str, step: int) -> str:
    """Return the six digits of a time step."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).at(step * STEP_SECONDS)


def find_step(secret: str, code: str) -> int | None:
    """Return the time step of the code, at most MAX_DRIFT from now, or None."""
    current = now() // STEP_SECONDS
    for step in range(current - MAX_DRIFT, current + MAX_DRIFT + 1):
        if secrets.compare_digest(totp_code(secret, step), normalize_code(code)):
            return step
    return None


def accept_code(user: User, code: str) -> bool:
    """Return whether the code of the app, or the recovery code, is valid, and use it up.

    Each code is accepted once.
    """
    factor = Factor.objects.filter(pk=user.pk).first()
    if factor is None or not code:
        return False
    step = find_step(factor.secret, code)
    if step is not None:
        unused = Factor.objects.filter(pk=user.pk, secret=factor.secret, last_step__lt=step)
        return bool(unused.update(last_step=step))
    recovery = RecoveryCode.objects.filter(factor=factor, digest=hash_code(user, code))
    return bool(recovery.delete()[0])


@transactional
def enrol_user(*, user: User, secret: str, step: int) -> list[str]:
    """Make this the user's second factor and return its recovery codes, which are not stored.

    All sessions of the user end; to continue its own the caller must renew it.
    """
    get_user_model()._default_manager.locked(user.pk)
    Factor.objects.filter(pk=user.pk).delete()
    factor = Factor.objects.create(user=user, secret=secret, last_step=step, created=now())
    codes = [_generate_recovery_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(factor=factor, digest=hash_code(user, code)) for code in codes]
    )
    end_sessions(user)
    return codes


@transactional
def remove_factor(*, user: User) -> bool:
    """Delete the user's factor and end the sessions; return whether there was one."""
    found = Factor.objects.filter(pk=user.pk).delete()[0]
    end_sessions(user)
    return bool(found)


def end_sessions(user: User) -> None:
    """End all sessions of the user, in the backoffice and of the API."""
    changed: set[str] = user.end_sessions()
    user.save(update_fields=changed)


def count_recovery_codes(user: User) -> int:
    """Return how many recovery codes are unused."""
    return RecoveryCode.objects.filter(factor=user.pk).count()


def hash_code(user: User, code: str) -> str:
    """Return the hash under which a recovery code is stored."""
    return hashlib.sha256(f"{user.pk} {normalize_code(code)}".encode()).hexdigest()


def normalize_code(code: str) -> str:
    """Return the code in upper case without hyphens and spaces; empty if it is not ASCII."""
    letters = code.upper().replace("-", "").replace(" ", "")
    return letters if letters.isascii() else ""


def _generate_recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))
