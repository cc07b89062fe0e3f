"""The probes of balancers and Prometheus, answered before sessions and rate limits.

They ask by an address, not by the name of the host, over plain HTTP, every second or so.
"""

import ipaddress
from collections.abc import Callable
from contextlib import suppress
from secrets import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from observe import health, metrics
from observe.context import mark_logged


def answer_liveness(request: HttpRequest) -> HttpResponse:
    """Respond that this process is alive."""
    return JsonResponse({"data": "OK"})


def answer_readiness(request: HttpRequest) -> HttpResponse:
    """Respond whether this process can serve, within about 2 s; 503 names what fails."""
    found = list(health.check_readiness())
    failed = [f"{check.name}: {check.message}" for check in found if not check.ok]
    if failed:
        body = {"error": "NOT_READY", "message": "; ".join(failed)}
        return JsonResponse(body, status=503)
    return JsonResponse({"data": "OK", "checks": {check.name: check.message for check in found}})


def answer_metrics(request: HttpRequest) -> HttpResponse:
    """Respond with the metrics of the whole platform, whichever process is asked."""
    if not may_read_metrics(request):
        body = {"error": "PERMISSION_DENIED", "message": "the bearer token of METRICS_TOKEN"}
        return JsonResponse(body, status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(metrics.metrics_text(), content_type=metrics.CONTENT_TYPE)


def may_read_metrics(request: HttpRequest) -> bool:
    """Return whether METRICS_TOKEN was sent, or METRICS_LOOPBACK lets this machine read."""
    scheme, _, sent = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    token = settings.METRICS_TOKEN
    if token and scheme.lower() == "bearer" and compare_digest(sent.encode(), token.encode()):
        return True
    return bool(settings.METRICS_LOOPBACK) and _is_local(request)


def _is_local(request: HttpRequest) -> bool:
    """Return whether the request was made by this machine itself.

    A proxy on this machine asks for others, and shows it by its headers.
    """
    if any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED")):
        return False
    with suppress(ValueError):
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    return False


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": answer_liveness,
    "/readyz": answer_readiness,
    "/metrics": answer_metrics,
}


class ProbesMiddleware:
    """The first middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the probe's response, else the platform's."""
        probe = PROBES.get(request.path_info.removesuffix("/"))
        if probe is None:
            return self.get_response(request)
        response = probe(request)
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        mark_logged(response)
        return response
