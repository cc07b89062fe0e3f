"""Idempotency keys: a write that is repeated takes effect once and is answered the same.

The response is stored in the transaction that makes the effect, so a crash leaves both or
none. An advisory lock of that transaction, never waited for, makes a repeat that comes too
early fail at once. Refusals that would come again (4xx) are stored too, after a savepoint
has undone what they had done: "no money" stays the response to this key, and another
attempt takes another key. Not stored: 401, 429 and 5xx. They say "not now", and the repeat
is a first attempt.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import transaction
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import IdempotencyKey
from api.renderers import JSONRenderer
from core.clock import now
from core.errors import BrokerError, Invalid, NotFound, Refused
from core.locks import is_locked, transactional, try_lock
from core.request_seq import reset_appended_seq

KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
PASSING = (401, 429)  # refusals of the moment
NOBODY = 0  # the login of a write without a session
Refuse = Callable[[Exception], Response]


class Duplicate(Invalid):
    code = "RET_ERR_DUPLICATE"
    default = "this idempotency key belongs to another request"


class Busy(Refused):
    code = "RET_TRADE_CONTEXT_BUSY"
    default = "the first request with this idempotency key is still running"


def key_of(request: Request) -> str | None:
    """Return the request's idempotency key, None where it has none.

    Raises:
        Invalid: it is not 1 to 64 letters, digits, `_` or `-`.
    """
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is not None and not KEY.fullmatch(key):
        raise Invalid("Idempotency-Key: must be 1 to 64 letters, digits, _ or -")
    return key


@dataclass(frozen=True, slots=True)
class Claim:
    """A write that is to take effect once; the same for POST and PUT, which are synonyms."""

    login: int
    key: str
    route: str
    fingerprint: str

    @classmethod
    def of(cls, request: Request, login: int, key: str) -> "Claim":
        kind = "delete" if request.method == "DELETE" else "write"
        # A keyed hash: a body may hold a password, which could be guessed from a plain one.
        sent = request.META.get("QUERY_STRING", "").encode() + b"\n" + request.body
        fingerprint = salted_hmac("api.idempotency", sent, algorithm="sha256").hexdigest()
        return cls(login, key, f"{kind} {request.path_info.rstrip('/')}", fingerprint)

    def lock_name(self) -> str:
        return lock_name(self.login, self.key)

    def id(self) -> str:
        """Return a digest of the write with its key and body, as long as a key may be."""
        whole = f"{self.login} {self.key} {self.route} {self.fingerprint}"
        return salted_hmac("api.idempotency.id", whole, algorithm="sha256").hexdigest()


def lock_name(login: int, key: str) -> str:
    """Return the name of the advisory lock that a running write holds."""
    return f"request {login} {key}"


@transactional
def once(claim: Claim, act: Callable[[], Response], refuse: Refuse) -> Response:
    """Run `act`, or return the response that was stored when it ran before.

    `refuse` turns an error into a response. After a deadlock all of it runs again.

    Raises:
        IdempotencyKeyBusy: a write with the same key is running.
        IdempotencyKeyReused: the key belongs to another request.
    """
    reset_appended_seq()
    if not try_lock(claim.lock_name()):
        raise Busy
    kept = find(claim.login, claim.key)
    if kept is not None:
        return _again(kept, claim)
    answer = _outcome(act, refuse)
    body = JSONRenderer().render(answer.data)
    answer.data = orjson.Fragment(body)
    IdempotencyKey.objects.create(
        login=claim.login,
        key=claim.key,
        route=claim.route,
        fingerprint=claim.fingerprint,
        status=answer.status_code,
        answer=body.decode(),
        created=now(),
    )
    return answer


@transactional
def created_once(claim: Claim | None, whose: str, create: Callable[[], int]) -> tuple[int, bool]:
    """Return what `create` returned, the same for every repeat, and whether this is a repeat.

    For writes without a session, whose response holds a token and is never stored. `client`
    keeps the keys of two clients apart.

    Raises:
        IdempotencyKeyBusy: a write with the same key is running.
        IdempotencyKeyReused: the key belongs to another request.
    """
    if claim is None:
        return create(), False
    key = salted_hmac(
        "api.idempotency.whose", f"{claim.key} {whose}", algorithm="sha256"
    ).hexdigest()
    if not try_lock(lock_name(NOBODY, key)):
        raise Busy
    kept = find(NOBODY, key)
    if kept is not None:
        if kept.fingerprint != claim.fingerprint:
            raise Duplicate
        return int(kept.answer), True
    made = create()
    IdempotencyKey.objects.create(
        login=NOBODY,
        key=key,
        route=claim.route,
        fingerprint=claim.fingerprint,
        status=200,
        answer=str(made),
        created=now(),
    )
    return made, False


def find(login: int, key: str) -> IdempotencyKey | None:
    """Return what is stored under the login's key, None where nothing is."""
    return IdempotencyKey.objects.filter(login=login, key=key).first()


def outcome(login: int, key: str) -> dict[str, Any]:
    """Return what became of the login's write under this key.

    Raises:
        NotFound: there is none: it never came, was not stored, or has been pruned since.
    """
    kept = find(login, key)
    if kept is None:
        running = is_locked(lock_name(login, key))
        kept = find(login, key)  # it may have finished between the two reads
        if kept is None and not running:
            raise NotFound(f"nothing is kept under the key {key}")
    return {
        "key": key,
        "status": "done" if kept else "running",
        "http_status": kept.status if kept else None,
        "answer": orjson.Fragment(kept.answer) if kept else None,
        "time": kept.created if kept else None,
    }


def _outcome(act: Callable[[], Response], refuse: Refuse) -> Response:
    """Run `act`; return a refusal that would come again, and raise one of the moment."""
    try:
        with transaction.atomic():
            return act()
    except (BrokerError, APIException) as error:
        answer = refuse(error)
        if answer.status_code in PASSING or answer.status_code >= 500:
            raise
        return answer


def _again(kept: IdempotencyKey, claim: Claim) -> Response:
    """Return the stored response.

    Raises:
        IdempotencyKeyReused: it was stored for another request.
    """
    if (kept.route, kept.fingerprint) != (claim.route, claim.fingerprint):
        raise Duplicate
    answer = Response(orjson.Fragment(kept.answer), status=kept.status)
    answer["Idempotent-Replay"] = "true"
    return answer
