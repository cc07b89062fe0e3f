"""What every write route adds to its action: idempotency keys and `X-Account-Seq`."""

from functools import partial, wraps
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import SAFE_METHODS
from api.idempotency.keys import NO_LOGIN, IdempotentWrite, idempotency_key_of, run_once
from core.request_seq import get_appended_seq, reset_appended_seq
from core.users import Account


class IdempotencyMixin(APIView):
    """Wraps the handler of a write before it is called.

    `idempotent_write` is that of a write with an idempotency key. It is for actions that
    must use it themselves: the effect is not in the database, so that the key cannot commit
    with it, or the response holds a token, which is never stored.
    """

    # Whether everything that the actions do is undone with their transaction.
    acts_in_transaction: ClassVar[bool] = False
    idempotent_write: IdempotentWrite | None = None
    _account: Account | None = None  # the account of the session that writes, if it has one

    def initial(self, request: Request, *args: Any, **kwargs: object) -> None:
        reading = request.method in SAFE_METHODS
        if not reading and "HTTP_IDEMPOTENCY_KEY" in request.META:
            request.body  # noqa: B018 - caches the bytes, which parsing would consume
        super().initial(request, *args, **kwargs)
        if reading:
            return
        reset_appended_seq()
        self._account = getattr(request.user, "account", None)
        key = idempotency_key_of(request)
        if key is None:
            return
        self.idempotent_write = IdempotentWrite.from_request(
            request, getattr(request.user, "login", NO_LOGIN), key
        )
        if request.user:
            self._wrap_handler(request, self.idempotent_write)

    def _wrap_handler(self, request: Request, write: IdempotentWrite) -> None:
        method = str(request.method).lower()
        action = getattr(self, method, None)
        if action is None:
            return  # 405 is about to be answered

        @wraps(action)  # an action may be called `delete`: its declaration is read from the handler
        def handler(request: Request, *args: Any, **kwargs: object) -> Response:
            act = partial(action, request, *args, **kwargs)
            within = self.acts_in_transaction
            return run_once(write, act, self.handle_exception, in_transaction=within)

        setattr(self, method, handler)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        if self._account is not None:
            done = response.status_code < 400
            seq = get_appended_seq(self._account.login) if done else 0
            self.headers["X-Account-Seq"] = str(seq or self._account.seq)
        return super().finalize_response(request, response, *args, **kwargs)
