"""The page at `/`: what runs here, whether it is well, and where everything is."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from core.errors import BrokerError
from observe.health import check_platform


class MethodNotAllowed(BrokerError):
    code = "METHOD_NOT_ALLOWED"
    default = "this page is only read"


@csrf_exempt  # so that a POST gets the contract's answer as well
@never_cache
def home_page(request: HttpRequest) -> HttpResponse:
    """Return the page; always 200 to a browser, as the page itself says what is down."""
    if request.method not in ("GET", "HEAD"):
        error = {"error": MethodNotAllowed.code, "message": MethodNotAllowed.default}
        return JsonResponse(error, status=405, headers={"Allow": "GET, HEAD"})
    found = check_platform()
    down = [check.name for check in found if not check.ok]
    scheme = "wss" if request.is_secure() else "ws"
    context = {
        "title": settings.SPECTACULAR_SETTINGS["TITLE"],
        "version": settings.SPECTACULAR_SETTINGS["VERSION"],
        "checks": found,
        "down": down,
        "stream": f"{scheme}://{request.get_host()}/ws",
        "feed": settings.FEED,
    }
    return render(request, "backoffice/home.html", context)
