"""The session and account routes."""

from accounts.event_views import ChangesViewSet
from accounts.views import CheckViewSet, DoorViewSet, PasswordViewSet, SessionViewSet
from api.viewsets import route

urlpatterns = [
    route("sign/in", DoorViewSet, write="sign_in"),
    route("sign/up", DoorViewSet, write="sign_up"),
    route("sign/up/verify", DoorViewSet, write="verify"),
    route("sign/check", CheckViewSet, read="check"),
    route("sign/out", SessionViewSet, write="sign_out"),
    route("password", PasswordViewSet, write="change"),
    route("account/changes", ChangesViewSet, read="list"),
]
