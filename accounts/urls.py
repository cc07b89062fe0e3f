from accounts.views import SessionViewSet, SignInViewSet
from api.viewsets import route

urlpatterns = [
    route("sign/in", SignInViewSet, write="sign_in"),
    route("sign/check", SessionViewSet, read="check"),
    route("sign/out", SessionViewSet, write="sign_out"),
]
