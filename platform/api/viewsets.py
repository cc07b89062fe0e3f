"""The base of every section's views, and how they are routed."""

from typing import Any, ClassVar, cast

from django.contrib.auth import get_user_model
from django.http import HttpResponse, HttpResponseBase
from django.urls import URLPattern, re_path
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from api.inputs import Input, checker, parameters
from api.long_table import Ready
from api.negotiation import AlwaysJSON
from api.throttling import Limited
from api.writing import Writing
from core.errors import Denied, InvalidLogin, InvalidUser

PARTS = {"<id>": r"(?P<id>[0-9]{1,18})", "<key>": r"(?P<key>[A-Za-z0-9_-]{1,64})"}
METHODS = {"read": ("get",), "write": ("post", "put"), "delete": ("delete",)}


class ApiViewSet(Limited, Writing, ViewSet):
    """Validated input of the current action, and whose data it is about."""

    content_negotiation_class = AlwaysJSON
    # What a role must be allowed in the admin to see the same here, by naming a login.
    staff_right: ClassVar[str] = ""  # nobody's, but the administrators have them all
    _login = 0  # whose data is asked for, known after `input()`; 0: a staff session named none

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, and keep no answer: view and request refer to each other until Python's
        collector comes along, and a long list would stay in memory with them.
        """
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        del self.response
        return response

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """An answer that is JSON already goes out as it is, for the same reason."""
        if isinstance(response, Response) and isinstance(response.data, Ready):
            response = HttpResponse(response.data.text, content_type="application/json")
        return super().finalize_response(request, response, *args, **kwargs)

    def input(self) -> dict[str, Any]:
        """The request's parameters, checked by the Input that the action declared."""
        takes: type[Input] = getattr(self, self.action).takes
        data: dict[str, Any] = checker(takes).run_validation(parameters(self.request))
        for name, text in self.kwargs.items():
            if data.get(name) is not None and str(data[name]) != text:
                raise ValidationError({name: "is another than in the path"})
        if self.request.user:
            self._check_login(data.pop("login", None))
        return data

    def client(self) -> Any:
        """The session's own account: staff sessions do not trade.

        Raises:
            Denied: the session is a staff session.
        """
        user = cast(Any, self.request.user)
        account = None if user.is_staff else getattr(user, "account", None)
        if account is None:
            raise Denied("this needs a client's session")
        return account

    def _check_login(self, sent: int | None) -> None:
        user = cast(Any, self.request.user)
        if not user.is_staff:
            if sent not in (None, user.login):
                raise Denied("login is not the session's")
            self._login = user.login
        elif sent is None:
            self._login = 0
        elif sent == user.login or (user.has_perm(self.staff_right) and user.may_see(sent)):
            self._login = sent
        else:
            raise Denied("this role does not see that of others")

    def account_login(self) -> int:
        """The login as `login`, where one is needed: a staff session must have named it."""
        if not self._login:
            raise InvalidLogin
        return self._login

    def account(self) -> Any:
        """The account that is asked about, with its group and user; known after `input()`."""
        login = self.account_login()
        user = cast(Any, self.request.user)
        if login != user.login:
            users = get_user_model()._default_manager.select_related("account__group")
            user = users.filter(pk=login).first()
        account = getattr(user, "account", None)
        if account is None:
            raise InvalidUser
        return account


def route(path: str, view: type[ApiViewSet], **actions: str) -> URLPattern:
    """A route, with and without a trailing slash: `read`, `write` (POST and PUT), `delete`.

    `route("price_alert", AlertViewSet, write="save")`; in the path `<id>` is a
    positive number and `<key>` an idempotency key.
    """
    methods: dict[str, Any] = {
        method: action for kind, action in actions.items() for method in METHODS[kind]
    }
    for part, pattern in PARTS.items():
        path = path.replace(part, pattern)
    return re_path(rf"^{path}/?$", view.as_view(methods))
