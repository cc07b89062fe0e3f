"""The peer's settings: ours, with plain DRF and stock simplejwt in place of our routes."""

from config import settings as ours

globals().update({name: getattr(ours, name) for name in dir(ours) if name.isupper()})
ROOT_URLCONF = "tests.tools.bench.peer"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": None,
}
SIMPLE_JWT = {"USER_ID_FIELD": "login", "USER_ID_CLAIM": "login", "CHECK_USER_IS_ACTIVE": False}
