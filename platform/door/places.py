"""Where the backoffice is: asked at every request, so it is no matter of the URL conf."""

ADMIN = "/admin/"
