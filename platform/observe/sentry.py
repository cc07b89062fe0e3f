"""Errors to Sentry, where SENTRY_DSN is set: no personal data, bodies or local variables."""

from typing import Any

from observe.redaction import HIDDEN, SECRET_NAME, redacted
from observe.trace import current

UNSENT = ("cookies", "data", "headers", "query_string", "env")  # of a request


def start(dsn: str, environment: str, release: str) -> None:
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
        before_send=scrubbed,
        before_breadcrumb=scrubbed,
    )


def scrubbed(event: Any, hint: Any) -> Any:
    """Return the event or breadcrumb as it may leave, redacted and with the request id.

    None for a request that Django has refused: any stranger could send as many as they
    like.
    """
    if str(event.get("logger", "")).startswith("django.security."):
        return None
    request = event.get("request")
    if isinstance(request, dict):
        event["request"] = {k: v for k, v in request.items() if k not in UNSENT}
    trace = current()
    if trace is not None and "exception" in event:
        event.setdefault("tags", {})["request_id"] = trace.request_id
    return _clean(event)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {
            k: HIDDEN if SECRET_NAME.match(str(k)) and isinstance(v, str) else _clean(v)
            for k, v in value.items()
        }
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
