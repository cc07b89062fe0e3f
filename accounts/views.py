"""Session routes."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.errors import GroupNotFound, UserDisabled, UserNotFoundOrIncorrect
from accounts.serializers import PROFILE, SignIn, profile
from api.authentication import COOKIE
from api.operation import OK_SCHEMA, obj, operation
from api.table import ok
from api.tokens import SessionToken
from api.viewsets import ApiViewSet

SIGNED_IN = obj(
    id="integer",
    login="integer",
    **(dict.fromkeys(PROFILE, "string") | {"regdate": "integer"}),
    leverage="integer",
    group="string",
    currency="string",
    __token="string",  # noqa: S106 - the name of a field
)
CHECKED = obj(
    **dict.fromkeys(("login", "type", "iat", "exp", "enable", "enable_read_only"), "integer")
)


class SignInViewSet(ApiViewSet):
    """The door: no session yet."""

    authentication_classes = ()
    permission_classes = ()

    @operation(
        "Sign in",
        takes=SignIn,
        gives=SIGNED_IN,
        errors=(UserDisabled, UserNotFoundOrIncorrect, GroupNotFound),
    )
    def sign_in(self, request: Request) -> Response:
        """Answers the profile and the token, and sets the token as a cookie."""
        user, token = services.sign_in(**self.input())
        answer = Response({**profile(user), "__token": str(token)})
        set_cookie(answer, token, secure=request.is_secure())
        return answer


class SessionViewSet(ApiViewSet):
    """The session that is asked with."""

    @operation("Check the session", gives=CHECKED)
    def check(self, request: Request) -> Response:
        """What the token says and whether the account may trade."""
        self.input()
        user: Any = request.user
        account = getattr(user, "account", None)
        return Response(
            {
                "login": user.login,
                "type": user.type,
                "iat": request.auth["iat"],  # type: ignore[index]  # our token
                "exp": request.auth["exp"],  # type: ignore[index]
                "enable": int(user.enable),
                "enable_read_only": int(account.enable_read_only) if account else 0,
            }
        )

    @operation("Sign out", gives=OK_SCHEMA)
    def sign_out(self, request: Request) -> Response:
        """Revokes this token."""
        self.input()
        services.sign_out(token=request.auth)  # type: ignore[arg-type]  # our token
        answer = Response(ok())
        answer.delete_cookie(COOKIE, samesite="Strict")
        return answer


def set_cookie(answer: Response, token: SessionToken, *, secure: bool) -> None:
    """The token where scripts of a page cannot read it."""
    life = token["exp"] - token["iat"]
    answer.set_cookie(
        COOKIE, str(token), max_age=life, httponly=True, samesite="Strict", secure=secure
    )
