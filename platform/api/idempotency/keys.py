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

import orjson
from django.db import DataError, transaction
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import claims
from api.models import IdempotencyKey
from api.renderers import JSONRenderer
from core.clock import now
from core.errors import BrokerError, Invalid, NotFound, Refused
from core.locks import is_locked, transactional
from core.postgresql import writes_with_commit
from core.postgresql.batch import StatementBatch
from core.postgresql.row_statements import RowInsert
from core.request_seq import reset_appended_seq

KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
PASSING_STATUSES = (401, 429)  # refusals of the moment
NO_LOGIN = 0  # the login of a write without a session
INSERT_KEYS = RowInsert(IdempotencyKey, *claims.STORED_NAMES)
ErrorResponder = Callable[[Exception], Response]


class IdempotencyKeyReused(Invalid):
    code = "RET_ERR_DUPLICATE"
    default = "this idempotency key belongs to another request"


class IdempotencyKeyBusy(Refused):
    code = "RET_TRADE_CONTEXT_BUSY"
    default = "the first request with this idempotency key is still running"


def idempotency_key_of(request: Request) -> str | None:
    """Return the request's idempotency key, None where it has none.

    Raises:
        Invalid: it is not 1 to 64 letters, digits, `_` or `-`.
    """
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is not None and not KEY.fullmatch(key):
        raise Invalid("Idempotency-Key: must be 1 to 64 letters, digits, _ or -")
    return key


@dataclass(frozen=True, slots=True)
class IdempotentWrite:
    """A write that is to take effect once; the same for POST and PUT, which are synonyms."""

    login: int
    key: str
    route: str
    fingerprint: str

    @classmethod
    def from_request(cls, request: Request, login: int, key: str) -> "IdempotentWrite":
        kind = "delete" if request.method == "DELETE" else "write"
        # A keyed hash: a body may hold a password, which could be guessed from a plain one.
        sent = request.META.get("QUERY_STRING", "").encode() + b"\n" + request.body
        fingerprint = salted_hmac("api.idempotency", sent, algorithm="sha256").hexdigest()
        return cls(login, key, f"{kind} {request.path_info.rstrip('/')}", fingerprint)

    def digest(self) -> str:
        """Return a digest of the write with its key and body, as long as a key may be."""
        whole = f"{self.login} {self.key} {self.route} {self.fingerprint}"
        return salted_hmac("api.idempotency.id", whole, algorithm="sha256").hexdigest()


def run_once(
    write: IdempotentWrite,
    act: Callable[[], Response],
    refuse: ErrorResponder,
    *,
    in_transaction: bool = False,
) -> Response:
    """Run `act`, or return the response that was stored when it ran before.

    `refuse` turns an error into a response. After a deadlock all of it runs again. The key is
    claimed before `act` runs; where all that `act` does is undone with the transaction
    (`in_transaction`), it is claimed in the round trip of its first statement.

    Raises:
        IdempotencyKeyBusy: a write with the same key is running.
        IdempotencyKeyReused: the key belongs to another request.
    """
    if in_transaction:
        try:
            return _run_claiming(write, act, refuse)
        except DataError as error:
            if not claims.is_refused_claim(error):
                raise
    return _run_claimed(write, act, refuse)


@transactional
def _run_claiming(
    write: IdempotentWrite, act: Callable[[], Response], refuse: ErrorResponder
) -> Response:
    """Run `act` and claim the key with its first statement.

    Raises:
        DataError: another write has the key, and nothing was done.
    """
    reset_appended_seq()
    claims.claim_with_next_statement(write.login, write.key)
    return _act_and_store(write, act, refuse)


@transactional
def _run_claimed(
    write: IdempotentWrite, act: Callable[[], Response], refuse: ErrorResponder
) -> Response:
    """Claim the key, then run `act` or return the response that is stored."""
    reset_appended_seq()
    stored = _claim(write.login, write.key)
    return _act_and_store(write, act, refuse) if stored is None else _replay(stored, write)


def _act_and_store(
    write: IdempotentWrite, act: Callable[[], Response], refuse: ErrorResponder
) -> Response:
    """Run `act`; store its response, with the commit."""
    with writes_with_commit():
        response = _act_or_refuse(act, refuse)
        body = JSONRenderer().render(response.data)
        response.data = orjson.Fragment(body)
        values = write.login, write.key, write.route, write.fingerprint
        batch = StatementBatch()
        row = (*values, response.status_code, body.decode(), now())
        INSERT_KEYS.add_to(batch, [row])
        batch.defer()
    return response


def _claim(login: int, key: str) -> IdempotencyKey | None:
    """Take the lock of the key's write; return what is stored, None for its first run.

    Raises:
        IdempotencyKeyBusy: a write with the same key is running.
    """
    held, stored = claims.try_claim(login, key)
    if not held:
        raise IdempotencyKeyBusy
    return stored


@transactional
def create_once(
    write: IdempotentWrite | None, client: str, create: Callable[[], int]
) -> tuple[int, bool]:
    """Return what `create` returned, the same for every repeat, and whether this is a repeat.

    For writes without a session, whose response holds a token and is never stored. `client`
    keeps the keys of two clients apart.

    Raises:
        IdempotencyKeyBusy: a write with the same key is running.
        IdempotencyKeyReused: the key belongs to another request.
    """
    if write is None:
        return create(), False
    key = salted_hmac(
        "api.idempotency.whose", f"{write.key} {client}", algorithm="sha256"
    ).hexdigest()
    stored = _claim(NO_LOGIN, key)
    if stored is not None:
        if stored.fingerprint != write.fingerprint:
            raise IdempotencyKeyReused
        return int(stored.answer), True
    created = create()
    IdempotencyKey.objects.create(
        login=NO_LOGIN,
        key=key,
        route=write.route,
        fingerprint=write.fingerprint,
        status=200,
        answer=str(created),
        created=now(),
    )
    return created, False


def find_stored(login: int, key: str) -> IdempotencyKey | None:
    """Return what is stored under the login's key, None where nothing is."""
    return IdempotencyKey.objects.filter(login=login, key=key).first()


def outcome_of(login: int, key: str) -> dict[str, object]:
    """Return what became of the login's write under this key.

    Raises:
        NotFound: there is none: it never came, was not stored, or has been pruned since.
    """
    stored = find_stored(login, key)
    if stored is None:
        running = is_locked(claims.write_lock_name(login, key))
        stored = find_stored(login, key)  # it may have finished between the two reads
        if stored is None and not running:
            raise NotFound(f"nothing is kept under the key {key}")
    return {
        "key": key,
        "status": "done" if stored else "running",
        "http_status": stored.status if stored else None,
        "answer": orjson.Fragment(stored.answer) if stored else None,
        "time": stored.created if stored else None,
    }


def _act_or_refuse(act: Callable[[], Response], refuse: ErrorResponder) -> Response:
    """Run `act`; return a refusal that would come again, and raise one of the moment."""
    try:
        with transaction.atomic():
            return act()
    except (BrokerError, APIException) as error:
        response = refuse(error)
        if response.status_code in PASSING_STATUSES or response.status_code >= 500:
            raise
        return response


def _replay(stored: IdempotencyKey, write: IdempotentWrite) -> Response:
    """Return the stored response.

    Raises:
        IdempotencyKeyReused: it was stored for another request.
    """
    if (stored.route, stored.fingerprint) != (write.route, write.fingerprint):
        raise IdempotencyKeyReused
    response = Response(orjson.Fragment(stored.answer), status=stored.status)
    response["Idempotent-Replay"] = "true"
    return response
