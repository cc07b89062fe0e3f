"""Sends a delivery to a webhook: one signed POST."""

import http.client
from http import HTTPStatus
from urllib.parse import urlsplit

import orjson

from alerts.deliveries import messages, schedule, signing
from alerts.deliveries.connection import Connection, Deadline, SecureConnection
from alerts.deliveries.models import Address, Delivery
from alerts.deliveries.outcome import Outcome, failed
from core.clock import now

TIMEOUT = 15.0  # seconds, for the whole attempt
MOST_BYTES = 20_000  # of a body
MOST_ANSWER = 4096  # the rest of a response is not read


def send(delivery: Delivery) -> Outcome:
    """Post the delivery to its address; return the result."""
    body = messages.body(delivery)
    if len(body) > MOST_BYTES:
        return Outcome(delivered=False, words="larger than 20 kB", hopeless=True, ours=True)
    with Deadline(TIMEOUT) as deadline:
        try:
            answer, text = _post(delivery, body, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return failed("timed out" if deadline.passed else _said(error))
        if deadline.passed:  # a response that was cut off may look complete
            return failed("timed out")
    return _judged(delivery, answer, text)


def in_use(address: Address) -> list[str]:
    """Return the secrets that sign now: after a rotation also the old one for a while."""
    return [address.secret, *([address.old_secret] if address.old_until > now() else [])]


def _post(
    delivery: Delivery, body: bytes, deadline: Deadline
) -> tuple[http.client.HTTPResponse, bytes]:
    """Send the request; return the response and, of a verification, its body."""
    url = urlsplit(delivery.address.address)
    secure = url.scheme == "https"
    kind = SecureConnection if secure else Connection
    port = url.port or (http.client.HTTPS_PORT if secure else http.client.HTTP_PORT)
    signed = signing.headers(in_use(delivery.address), delivery.message_id, now(), body)
    fixed = {"Content-Type": "application/json", "User-Agent": "broker-platform", **signed}
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    connection = kind(url.hostname or "", port, deadline)
    try:
        connection.request("POST", path, body, {**fixed, "Connection": "close"})
        answer = connection.getresponse()
        # Of an ordinary message only the status counts: its body is not read.
        return answer, answer.read(MOST_ANSWER) if delivery.verifies else b""
    finally:
        connection.close()


def _judged(delivery: Delivery, answer: http.client.HTTPResponse, text: bytes) -> Outcome:
    """Return the result that the response means for the delivery."""
    words = f"{answer.status} {answer.reason}".strip()[:200]
    if answer.status == HTTPStatus.GONE:
        return Outcome(delivered=False, words=words, gone=True)
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        wait = schedule.retry_after(answer.getheader("Retry-After"), now())
        return Outcome(delivered=False, words=words, wait=wait)
    if delivery.verifies and not _repeats(text, delivery.address.code):
        return failed(f"{words}, but without the challenge")
    return Outcome(delivered=True, words=words)


def _repeats(text: bytes, challenge: str) -> bool:
    """Check whether the body is the challenge, bare or as JSON, not just an echo of ours."""
    if text.strip() == challenge.encode():
        return True
    try:
        return bool(orjson.loads(text) == {"challenge": challenge})
    except orjson.JSONDecodeError:
        return False


def _said(error: Exception) -> str:
    """Return the error's text, or its class name if it has none."""
    return str(error) or type(error).__name__
