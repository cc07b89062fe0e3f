"""Security headers of every page: only this site's own files may run or be shown."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from door.middleware import ADMIN

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
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)


class Headers:
    """Sets CSP and Permissions-Policy on HTML, and no-store on the backoffice's responses."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.answer(request)
        admin = request.path_info.startswith(ADMIN)
        if response.get("Content-Type", "").startswith("text/html"):
            response["Content-Security-Policy"] = text_of(ADMIN_POLICY if admin else POLICY)
            response["Permissions-Policy"] = PERMISSIONS
        if admin:
            response["Cache-Control"] = "no-store, private"
        return response


def text_of(policy: dict[str, str]) -> str:
    """Format the policy as the header's value."""
    return "; ".join(f"{name} {value}" for name, value in policy.items())
