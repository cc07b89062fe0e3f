"""Security headers of every page: only this site's own files may run or be shown."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from staff_auth.middleware import ADMIN_PATH

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # the icons of style sheets
    "object-src": "'none'",
    "base-uri": "'self'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
# unfold uses Alpine, which compiles the attributes of unfold's templates to functions.
ADMIN_POLICY = {**POLICY, "script-src": "'self' 'unsafe-eval'"}
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)


class SecurityHeadersMiddleware:
    """Sets CSP and Permissions-Policy on HTML, and no-store on the backoffice's responses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        admin = request.path_info.startswith(ADMIN_PATH)
        if response.get("Content-Type", "").startswith("text/html"):
            response["Content-Security-Policy"] = format_policy(ADMIN_POLICY if admin else POLICY)
            response["Permissions-Policy"] = PERMISSIONS_POLICY
        if admin:
            response["Cache-Control"] = "no-store, private"
        return response


def format_policy(policy: dict[str, str]) -> str:
    """Format the policy as the header's value."""
    return "; ".join(f"{name} {value}" for name, value in policy.items())
