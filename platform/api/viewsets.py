"""The base of every section's viewsets, and their routes."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar, TypeVar, cast

from django.contrib.auth import get_user_model
from django.http import HttpResponse, HttpResponseBase
from django.urls import URLPattern, re_path
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from api.idempotency.viewset_mixin import IdempotencyMixin
from api.input import Input, checked_parameters
from api.long_table import ReadyJSON
from api.negotiation import JSONNegotiation
from api.throttling.limiter import RateLimitedView
from core.errors import BrokerError, Denied, InvalidLogin, InvalidUser
from core.numbers import is_digits
from core.users import Account

PATH_PARTS = {
    "<id>": r"(?P<id>[^/]+)",
    "<key>": r"(?P<key>[A-Za-z0-9_-]{1,64})",
    "<file>": r"(?P<file>[A-Za-z0-9_.-]{1,64})",
}
LONGEST_ID = 18  # digits, which a bigint column holds
# The first method is the one that the schema shows; the second is its synonym.
METHODS = {
    "read": ("get",),
    "write": ("post", "put"),
    "update": ("put", "post"),
    "delete": ("delete",),
}


Instance = TypeVar("Instance")


class ApiViewSet(RateLimitedView, IdempotencyMixin, ViewSet):
    """The base of all viewsets: the action's validated input and the account it is about."""

    content_negotiation_class = JSONNegotiation
    tag: ClassVar[str] = ""  # the section of the API: one of `api.schema.tags.TAGS`
    # Of names that mean something else than in the rest of the section.
    field_meanings: ClassVar[Mapping[str, dict[str, object]]] = {}
    # The permission that a role needs in order to see the same here by naming a login.
    staff_permission: ClassVar[str] = ""  # no role has it, but administrators have every permission
    # The permission to write for a client here as well; without one only clients write.
    staff_write_permission: ClassVar[str] = ""
    # What a login without an account is answered.
    unknown_account: ClassVar[type[BrokerError]] = InvalidUser
    _target_login = 0  # the login asked about, set by `validated()`; 0: staff named none

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Respond, and drop the view's own reference to the response.

        View and request refer to each other until Python's garbage collector runs, and a
        long list would stay in memory with them.
        """
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        del self.response
        return response

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Send a response that is JSON already as it is, for the same reason as `dispatch`."""
        if isinstance(response, Response) and isinstance(response.data, ReadyJSON):
            response = HttpResponse(response.data.text, content_type="application/json")
        return super().finalize_response(request, response, *args, **kwargs)

    # DRF makes all of these anew for every request; none of ours holds anything of one.
    def get_parsers(self) -> list[BaseParser]:
        return _instances_of(*cast(Any, self.parser_classes))

    def get_renderers(self) -> list[BaseRenderer]:
        return _instances_of(*cast(Any, self.renderer_classes))

    def get_authenticators(self) -> list[BaseAuthentication]:
        return _instances_of(*cast(Any, self.authentication_classes))

    def get_permissions(self) -> list[BasePermission]:
        return _instances_of(*self.permission_classes)

    def get_content_negotiator(self) -> JSONNegotiation:
        negotiation: JSONNegotiation = _instances_of(self.content_negotiation_class)[0]
        return negotiation

    def validated(self) -> dict[str, Any]:
        """Return the request's parameters, checked by the Input that the action declared.

        Raises:
            ValidationError: they are not valid, or differ from the path; the path's `id` is no
                positive number.
            Denied: the session may not see the data of `login`.
        """
        input_class: type[Input] = getattr(self, self.action).input_class
        data = checked_parameters(self.request, input_class)
        number = self.kwargs.get("id", "1")
        if not is_digits(number) or len(number) > LONGEST_ID:
            raise ValidationError({"id": "must be a positive number"})
        for name, text in self.kwargs.items():
            if data.get(name) is not None and str(data[name]) != text:
                raise ValidationError({name: "is another than in the path"})
        if self.request.user:
            self._set_target_login(data.pop("login", None))
        return data

    def require_own_account(self) -> Account:
        """Return the session's own account: staff sessions do not trade.

        Raises:
            Denied: the session is a staff session, or has no account.
        """
        user = self.request.user
        account: Account | None = None if user.is_staff else getattr(user, "account", None)
        if account is None:
            raise Denied("this needs a client's session")
        return account

    def require_writable_account(self) -> Account:
        """Return the account to write for: the session's, or one that staff may write for.

        Call `validated()` first.

        Raises:
            Denied: a staff session without the permission.
            InvalidLogin: a staff session named no login.
            InvalidUser: the login has no account.
        """
        user = self.request.user
        writes = self.staff_write_permission and user.has_perm(self.staff_write_permission)
        return self.target_account() if user.is_staff and writes else self.require_own_account()

    def _set_target_login(self, sent: int | None) -> None:
        user = cast(Any, self.request.user)
        if not user.is_staff:
            if sent not in (None, user.login):
                raise Denied("login is not the session's")
            self._target_login = user.login
        elif sent is None:
            self._target_login = 0
        elif sent == user.login or (user.has_perm(self.staff_permission) and user.may_see(sent)):
            self._target_login = sent
        else:
            raise Denied("this role does not see that of others")

    def target_login(self) -> int:
        """Return the login that the request is about.

        Raises:
            InvalidLogin: a staff session named none.
        """
        if not self._target_login:
            raise InvalidLogin
        return self._target_login

    def target_account(self) -> Account:
        """Return the account that the request is about, with its group and user.

        Known after `validated()`.

        Raises:
            InvalidLogin: a staff session named none.
            InvalidUser: the login has no account; or the view's `unknown_account`.
        """
        login = self.target_login()
        user = cast(Any, self.request.user)
        if login != user.login:
            users = get_user_model()._default_manager.select_related("account__group")
            user = users.filter(pk=login).first()
        account: Account | None = getattr(user, "account", None)
        if account is None:
            raise self.unknown_account
        return account


@cache
def _instances_of(*classes: Callable[[], Instance]) -> list[Instance]:
    return [one() for one in classes]


def api_route(path: str, view: type[ApiViewSet], **actions: str) -> URLPattern:
    """Return a route of these actions: `read`, `write`, `update` and `delete`.

    It matches with and without a trailing slash: `api_route("price_alert", AlertViewSet,
    write="save")`. POST and PUT mean the same; the schema shows `write` as POST and `update` as
    PUT. In the path `<id>` is a positive number, `<key>` an idempotency key and `<file>` the name
    of a file.
    """
    methods: dict[str, Any] = {
        method: action for kind, action in actions.items() for method in METHODS[kind]
    }
    for part, pattern in PATH_PARTS.items():
        path = path.replace(part, pattern)
    return re_path(rf"^{path}/?$", view.as_view(methods))
