"""Sends a delivery to a webhook: one signed POST."""

import http.client
from http import HTTPStatus
from urllib.parse import urlsplit

import orjson

from alerts.deliveries import messages, retry_schedule, signing
from alerts.deliveries.models import Address, Delivery
from alerts.deliveries.outcome import DeliveryResult, retryable_failure
from alerts.deliveries.pinned_http import Deadline, PinnedConnection, PinnedTLSConnection
from core.clock import now

TIMEOUT = 15.0  # seconds, for the whole attempt
MAX_BODY_BYTES = 20_000  # of a body
MAX_RESPONSE_BYTES = 4096  # the rest of a response is not read


def send_webhook(delivery: Delivery) -> DeliveryResult:
    """Post the delivery to its address; return the result."""
    body = messages.compose_webhook_body(delivery)
    if len(body) > MAX_BODY_BYTES:
        return DeliveryResult(
            delivered=False, message="larger than 20 kB", permanent=True, own_fault=True
        )
    with Deadline(TIMEOUT) as deadline:
        try:
            response, text = _post(delivery, body, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return retryable_failure("timed out" if deadline.is_over else _format_error(error))
        if deadline.is_over:  # a response that was cut off may look complete
            return retryable_failure("timed out")
    return _result_of(delivery, response, text)


def secrets_in_use(address: Address) -> list[str]:
    """Return the secrets that sign now: after a rotation also the old one for a while."""
    return [address.secret, *([address.old_secret] if address.old_until > now() else [])]


def _post(
    delivery: Delivery, body: bytes, deadline: Deadline
) -> tuple[http.client.HTTPResponse, bytes]:
    """Send the request; return the response and, of a verification, its body."""
    url = urlsplit(delivery.address.address)
    secure = url.scheme == "https"
    connection_class = PinnedTLSConnection if secure else PinnedConnection
    port = url.port or (http.client.HTTPS_PORT if secure else http.client.HTTP_PORT)
    signed = signing.signature_headers(
        secrets_in_use(delivery.address), delivery.message_id, now(), body
    )
    headers = {"Content-Type": "application/json", "User-Agent": "broker-platform", **signed}
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    connection = connection_class(url.hostname or "", port, deadline)
    try:
        connection.request("POST", path, body, {**headers, "Connection": "close"})
        response = connection.getresponse()
        # Of an ordinary message only the status counts: its body is not read.
        return response, response.read(MAX_RESPONSE_BYTES) if delivery.is_verification else b""
    finally:
        connection.close()


def _result_of(
    delivery: Delivery, response: http.client.HTTPResponse, text: bytes
) -> DeliveryResult:
    """Return the result that the response means for the delivery."""
    message = f"{response.status} {response.reason}".strip()[:200]
    if response.status == HTTPStatus.GONE:
        return DeliveryResult(delivered=False, message=message, gone=True)
    if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        wait = retry_schedule.parse_retry_after(response.getheader("Retry-After"), now())
        return DeliveryResult(delivered=False, message=message, wait=wait)
    if delivery.is_verification and not _has_challenge(text, delivery.address.code):
        return retryable_failure(f"{message}, but without the challenge")
    return DeliveryResult(delivered=True, message=message)


def _has_challenge(text: bytes, challenge: str) -> bool:
    """Check whether the body is the challenge, bare or as JSON, not just an echo of ours."""
    if text.strip() == challenge.encode():
        return True
    try:
        return bool(orjson.loads(text) == {"challenge": challenge})
    except orjson.JSONDecodeError:
        return False


def _format_error(error: Exception) -> str:
    """Return the error's text, or its class name if it has none."""
    return str(error) or type(error).__name__
