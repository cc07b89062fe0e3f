"""Errors to Sentry, where SENTRY_DSN is set: no personal data, bodies or local variables."""

from typing import Any

from observe.context import current_context
from observe.redaction import HIDDEN, SECRET_NAME, redact_secrets

UNSENT = ("cookies", "data", "headers", "query_string", "env")  # of a request


def start_sentry(dsn: str, environment: str, release: str) -> None:
    """Send errors of this process from now on."""
    import sentry_sdk  # imported here: it takes a second, which processes without Sentry save

    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        release=release,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        traces_sample_rate=0.0,
        before_send=scrub_event,
        before_breadcrumb=scrub_event,
    )


def scrub_event(event: Any, hint: Any) -> Any:
    """Return the event or breadcrumb as it may leave, redacted and with the request id.

    None for a request that Django has refused: any stranger could send as many as they
    like.
    """
    if str(event.get("logger", "")).startswith("django.security."):
        return None
    request = event.get("request")
    if isinstance(request, dict):
        event["request"] = {k: v for k, v in request.items() if k not in UNSENT}
    context = current_context()
    if context is not None and "exception" in event:
        event.setdefault("tags", {})["request_id"] = context.request_id
    return _redact_deeply(event)


def _redact_deeply(value: object) -> Any:
    if isinstance(value, str):
        return redact_secrets(value)
    if isinstance(value, dict):
        return {
            k: HIDDEN if SECRET_NAME.match(str(k)) and isinstance(v, str) else _redact_deeply(v)
            for k, v in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redact_deeply(item) for item in value]
    return value
