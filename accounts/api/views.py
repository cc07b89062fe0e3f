"""REST views of sign-in, sign-up, sessions and passwords."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import errors
from accounts.api import serializers
from accounts.api.serializers import PASSWORD_SCHEMA, PROFILE_FIELDS, serialize_profile
from accounts.enums import AccountMode
from accounts.models import User
from accounts.services.open_account import open_account
from accounts.services.sign_in import change_password, open_session, set_password, sign_in, sign_out
from accounts.services.verify_sign_up import confirm_sign_up, start_sign_up
from api.authentication import COOKIE, is_cross_origin
from api.devices import remember_device
from api.idempotency.keys import IdempotencyKeyBusy, IdempotencyKeyReused, create_once
from api.permissions import FromKnownSite
from api.schema.operation import OK_ID_SCHEMA, OK_SCHEMA, object_schema, operation
from api.table import ok_body
from api.throttling.limiter import refuse_too_many
from api.throttling.rate_limits import SIGN_UP_RULES
from api.viewsets import ApiViewSet
from audit import recording
from audit.models import SignIn
from audit.recording import record_attempt
from core.errors import Denied, InvalidLogin, InvalidUser, Unauthenticated
from core.locks import transactional
from core.session_tokens import SessionToken
from core.users import signed_in_user
from staff_auth.slowdown import limit_guesses
from staff_auth.staff_sign_in import check_api_sign_in

SESSION_FIELDS: dict[str, str | Mapping[str, object]] = {
    "id": "integer",
    "login": "integer",
    **(dict.fromkeys(PROFILE_FIELDS, "string") | {"regdate": "integer"}),
    "leverage": "integer",
    "group": "string",
    "currency": "string",
    "__token": "string",
}
SIGN_IN_SCHEMA = object_schema(**SESSION_FIELDS)
SIGN_UP_SCHEMA = object_schema(
    **SESSION_FIELDS, account_mode={"type": "string", "enum": AccountMode.values}
)
OPENING_ERRORS = (errors.GroupNotFound, errors.GroupNotPublic, errors.GroupDisabled, Denied)
CHECK_SCHEMA = object_schema(
    **dict.fromkeys(("login", "type", "iat", "exp", "enable", "enable_read_only"), "integer")
)


class SignInViewSet(ApiViewSet):
    """Sign-in and sign-up, which need no session yet."""

    tag = "Auth"
    authentication_classes = ()
    permission_classes = (FromKnownSite,)
    limits = ("address", "sign_address", "sign_login")

    @operation(
        "Sign in",
        request=serializers.SignIn,
        response=SIGN_IN_SCHEMA,
        errors=(
            errors.UserDisabled,
            errors.UserNotFoundOrIncorrect,
            errors.GroupNotFound,
            Denied,
        ),
    )
    def sign_in(self, request: Request) -> Response:
        """Answers the profile and the token, and sets the token as a cookie of this site."""
        data = self.validated()
        code = data.pop("code", "")
        with record_attempt(request, data["login"], SignIn.Door.API):
            user, token = authenticate_user(request, code, **data)
        return session_response(request, user, token)

    @operation(
        "Sign up",
        request=serializers.SignUp,
        response={"oneOf": [SIGN_UP_SCHEMA, OK_ID_SCHEMA]},
        errors=(*OPENING_ERRORS, errors.EmailTaken, IdempotencyKeyBusy, IdempotencyKeyReused),
    )
    def sign_up(self, request: Request) -> Response:
        """Opens an account in a public group; the answer is that of the sign-in.

        A repeat with the same Idempotency-Key opens no second one, but signs in again. On a
        platform that verifies e-mail addresses the answer is `id` alone, and a code is mailed:
        `/sign/up/verify` opens the account with both.
        """
        data = self.validated()
        if settings.SIGN_UP_VERIFY:
            return self._start_sign_up(request, data)
        with record_attempt(request, 0, SignIn.Door.API) as tried:
            login, repeated = create_once(
                self.idempotent_write, data["email"], partial(open_limited_account, request, data)
            )
            tried.login = login
            if repeated:
                user, token = authenticate_user(request, "", login=login, password=data["password"])
                self.headers["Idempotent-Replay"] = "true"
            else:
                user, token = open_session(login)
        return sign_up_response(request, user, token)

    def _start_sign_up(self, request: Request, data: dict[str, object]) -> Response:
        """Store a sign-up that waits for its code; return its id."""
        with record_attempt(request, 0, SignIn.Door.API) as tried:
            tried.outcome = "CODE_ASKED"
            scope = f"verified {data['email']}"
            pending, repeated = create_once(
                self.idempotent_write, scope, partial(start_limited_sign_up, request, data)
            )
        if repeated:
            self.headers["Idempotent-Replay"] = "true"
        return Response(ok_body(pending))

    @operation(
        "Open the account of a sign-up",
        request=serializers.VerifySignUp,
        response=SIGN_UP_SCHEMA,
        errors=(*OPENING_ERRORS, errors.EmailTaken, errors.UserDisabled),
    )
    def verify(self, request: Request) -> Response:
        """The `id` that `/sign/up` answered and the code from the mail, within an hour.

        A repeat signs in to the same account.
        """
        data = self.validated()
        with record_attempt(request, 0, SignIn.Door.API) as tried:
            tried.login = confirm_sign_up(pending_id=data["id"], code=data["code"])
            user, token = open_session(tried.login)
        return sign_up_response(request, user, token)


class CheckViewSet(ApiViewSet):
    """The validity of the session of the request."""

    tag = "Auth"

    def handle_exception(self, exc: Exception) -> Response:
        """Report a disabled account as unauthenticated; only here it is no error of its own."""
        gone = isinstance(exc, errors.AccountDisabled)
        return super().handle_exception(Unauthenticated(str(exc)) if gone else exc)

    @operation("Check the session", response=CHECK_SCHEMA)
    def check(self, request: Request) -> Response:
        """What the token says and whether the account may trade."""
        self.validated()
        user = signed_in_user(request)
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


class SessionViewSet(ApiViewSet):
    """The session of the request."""

    tag = "Auth"

    @operation("Sign out", response=OK_SCHEMA)
    def sign_out(self, request: Request) -> Response:
        """Revokes this token."""
        self.validated()
        sign_out_recorded(request)
        answer = Response(ok_body())
        if not is_cross_origin(request):
            answer.delete_cookie(COOKIE, samesite="Strict")
        return answer


class PasswordViewSet(ApiViewSet):
    """Passwords, changed by clients and staff."""

    tag = "Auth"
    staff_permission = "accounts.change_user"
    limits = ("address", "sign_address", "sign_login")

    @operation(
        "Change a password",
        request=serializers.ChangePassword,
        response=PASSWORD_SCHEMA,
        errors=(errors.UpdatePasswordError, Denied, InvalidLogin, InvalidUser),
    )
    def change(self, request: Request) -> Response:
        """Every session of the login ends, but for the one that asks.

        No device is known to the login any more, but for that of a client who asks.
        """
        data = self.validated()
        user = signed_in_user(request)
        token: Any = request.auth
        if user.is_staff == ("old_password" in data):
            raise ValidationError({"old_password": "a client's session gives it, staff do not"})
        if user.is_staff:
            set_password_recorded(request, self.target_login(), **data)
            return Response({**ok_body(), "login": "OK"})
        answer, wrong = Response(ok_body()), errors.UpdatePasswordError
        with limit_guesses(request, user.login, holder=token["jti"], wrong=wrong):
            changed = change_password(token=token, **data)
        if not is_cross_origin(request):
            remember_device(answer, request, changed)
        return answer


def start_limited_sign_up(request: Request, data: dict[str, Any]) -> int:
    """Store a sign-up within the rate limit of opened accounts; return its id.

    Raises:
        TooFrequent: the limit of the client's address or mailbox is reached.
    """
    refuse_too_many(request, SIGN_UP_RULES, email=data["email"])
    return start_sign_up(**data).pk


def open_limited_account(request: Request, data: dict[str, Any]) -> int:
    """Open an account within the rate limit; return its login.

    A repeat with the same idempotency key does not get here and is not counted.

    Raises:
        TooFrequent: the limit of the client's address or mailbox is reached.
    """
    refuse_too_many(request, SIGN_UP_RULES, email=data["email"])
    return open_account(**data).login


def authenticate_user(request: Request, code: str, **credentials: Any) -> tuple[User, SessionToken]:
    """Authenticate; staff must also pass the lock-out and second-factor checks.

    Returns the user and a new token.
    """
    with limit_guesses(request, credentials["login"], code) as guess:
        user, token = sign_in(**credentials)
        if user.is_staff:
            guess.by_factor = check_api_sign_in(request, user, code)
    return user, token


@transactional
def sign_out_recorded(request: Request) -> None:
    """End the session; that of staff with an audit entry."""
    user = signed_in_user(request)
    sign_out(token=request.auth)  # type: ignore[arg-type]  # our token
    if user.is_staff:
        recording.record_entry(request, "sign_out", user)


@transactional
def set_password_recorded(request: Request, login: int, password: str) -> None:
    """Set another login's password as staff, with an audit entry."""
    token: Any = request.auth
    actor = signed_in_user(request)
    set_password(actor=actor, token=token, login=login, password=password)
    hidden = {"password": recording.HIDDEN}
    recording.record_entry(
        request, "change", User.objects.get(pk=login), before=hidden, after=hidden
    )


def session_response(request: Request, user: User, token: SessionToken, **more: str) -> Response:
    """Return the profile with the token; set the cookies of session and device.

    A page of another site gets none: it sends the token itself.
    """
    answer = Response({**serialize_profile(user), **more, "__token": str(token)})
    if not is_cross_origin(request):
        remember_device(answer, request, user)
        secure = settings.SESSION_COOKIE_SECURE or request.is_secure()
        set_session_cookie(answer, token, secure=secure)
    return answer


def sign_up_response(request: Request, user: User, token: SessionToken) -> Response:
    """Return the session response with the new account's mode."""
    return session_response(request, user, token, account_mode=user.account.group.account_mode)


def set_session_cookie(answer: Response, token: SessionToken, *, secure: bool) -> None:
    """Set the session token as an HttpOnly, SameSite=Strict cookie."""
    life = token["exp"] - token["iat"]
    answer.set_cookie(
        COOKIE, str(token), max_age=life, httponly=True, samesite="Strict", secure=secure
    )
