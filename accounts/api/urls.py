"""The session and account routes."""

from accounts.api.changes_view import ChangesViewSet
from accounts.api.notification_views import NotificationViewSet
from accounts.api.upload_view import UploadViewSet
from accounts.api.views import CheckViewSet, PasswordViewSet, SessionViewSet, SignInViewSet
from api.viewsets import api_route

urlpatterns = [
    api_route("sign/in", SignInViewSet, write="sign_in"),
    api_route("sign/up", SignInViewSet, write="sign_up"),
    api_route("sign/up/verify", SignInViewSet, write="verify"),
    api_route("sign/check", CheckViewSet, read="check"),
    api_route("sign/out", SessionViewSet, write="sign_out"),
    api_route("password", PasswordViewSet, update="change"),
    api_route("upload", UploadViewSet, write="upload"),
    api_route("account/changes", ChangesViewSet, read="list"),
    api_route("notify/list", NotificationViewSet, read="list"),
    api_route("notify", NotificationViewSet, write="mark_read"),
]
