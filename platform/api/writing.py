"""What every write route does beside its action: idempotency keys and `X-Account-Seq`."""

from functools import partial, wraps
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import SAFE_METHODS
from api.idempotency import Claim, key_of, once
from core.errors import Invalid
from realtime import log


class Writing(APIView):
    """Wraps the handler of a write before it is called.

    `keyed = False` is for actions whose effect is not in the database, so that no key can commit
    with it: there a key is refused, as to ignore it would promise too much.
    """

    keyed: ClassVar[bool] = True
    _account: Any = None  # of the client whose session writes

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in SAFE_METHODS:
            return
        log.forget()
        self._account = getattr(request.user, "account", None)
        key = key_of(request)
        # A route without a session (sign-in, sign-up) answers with a token. Such an answer is not
        # kept: whoever reads or learns the key would have the session. The key changes nothing.
        if key is not None and request.user:
            self._once(request, key)

    def _once(self, request: Request, key: str) -> None:
        if not self.keyed:
            raise Invalid("Idempotency-Key: this route cannot keep what it answers")
        method = str(request.method).lower()
        action = getattr(self, method, None)
        if action is None:
            return  # 405 is about to be answered
        user: Any = request.user
        claim = Claim.of(request, user.login, key)

        @wraps(action)  # an action may be called `delete`: what it declares is read from here
        def handler(request: Request, *args: Any, **kwargs: Any) -> Response:
            return once(claim, partial(action, request, *args, **kwargs), self.handle_exception)

        setattr(self, method, handler)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        if self._account is not None:
            done = response.status_code < 400
            seq = log.appended(self._account.login) if done else 0
            self.headers["X-Account-Seq"] = str(seq or self._account.seq)
        return super().finalize_response(request, response, *args, **kwargs)
