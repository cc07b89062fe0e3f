"""The page at `/`: whether all is well, and where everything is; to staff what is not well."""

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from core.errors import UNAVAILABLE_ERRORS, BrokerError
from observe.health import check_platform
from staff_auth import session_limits


class MethodNotAllowed(BrokerError):
    code = "METHOD_NOT_ALLOWED"
    default = "this page is only read"


@csrf_exempt  # so that a POST gets the contract's answer as well
@never_cache
def home_page(request: HttpRequest) -> HttpResponse:
    """Return the page; always 200 to a browser, as the page itself says whether all is well.

    Version and parts are of use to attackers too, so only staff see them.
    """
    if request.method not in ("GET", "HEAD"):
        error = {"error": MethodNotAllowed.code, "message": MethodNotAllowed.default}
        return JsonResponse(error, status=405, headers={"Allow": "GET, HEAD"})
    found = check_platform()
    down = [check.name for check in found if not check.ok]
    scheme = "wss" if request.is_secure() else "ws"
    context = {
        "version": settings.SPECTACULAR_SETTINGS["VERSION"],
        "checks": found if is_staff_session(request) else [],
        "down": down,
        "stream": f"{scheme}://{request.get_host()}/ws",
        "feed": settings.FEED,
    }
    return render(None, "backoffice/home.html", context)


def is_staff_session(request: HttpRequest) -> bool:
    """Return whether signed-in staff ask; without the database nobody is known to be."""
    try:
        known = admin.site.has_permission(request)
        return known and not session_limits.has_expired(request.session)
    except UNAVAILABLE_ERRORS:
        return False
