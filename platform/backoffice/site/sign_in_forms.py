"""The forms of sign-in and second factor."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.widgets import BASE_INPUT_CLASSES

from api.throttling.limiter import refuse_too_many
from audit.models import SignIn
from audit.recording import parse_login, record_attempt
from backoffice.columns import format_utc
from core.client_address import get_client_network
from core.errors import TooFrequent
from staff_auth import lockout
from staff_auth.errors import LockedOut, SignInRefused
from staff_auth.slowdown import limit_guesses
from staff_auth.staff_sign_in import check_backoffice_sign_in

if TYPE_CHECKING:
    from django.contrib.auth.forms import AuthenticationForm
else:
    from unfold.forms import AuthenticationForm

SIGN_IN_LIMITS = ("address", "sign_address", "sign_login")  # the same as those of the API's sign-in
INPUT_CLASSES = " ".join(BASE_INPUT_CLASSES)
REFUSED_MESSAGE = "The login, the password or the code is wrong, or this login is not staff's."
MAX_CODE_LENGTH = 32


def make_code_field(label: str, *, required: bool) -> forms.CharField:
    """Return a field for a code that phones and password managers recognise."""
    attrs = {"autocomplete": "one-time-code", "class": INPUT_CLASSES}
    return forms.CharField(
        label=label,
        max_length=MAX_CODE_LENGTH,
        required=required,
        widget=forms.TextInput(attrs=attrs),
    )


class SignInForm(AuthenticationForm):
    """Takes login, password and code at once, so that no refusal tells which was right.

    Every attempt is in the log of sign-ins, except those that a rate limit refuses.
    """

    code = make_code_field("Code", required=False)

    def __init__(
        self, request: HttpRequest, data: Mapping[str, object] | None = None, **more: Any
    ) -> None:
        super().__init__(request, data, **more)
        self.web_request = request
        self.fields[
            "code"
        ].help_text = "From your authenticator app, if you have set up a second factor."

    def clean(self) -> dict[str, object]:
        """Authenticate, and turn refusals into errors of the form."""
        request = self.web_request
        typed = self.cleaned_data.get("username", "")
        try:
            refuse_too_many(request, SIGN_IN_LIMITS, parse_login(typed))
            with record_attempt(request, typed, SignIn.Door.ADMIN):
                self._authenticate(parse_login(typed))
        except (SignInRefused, TooFrequent) as refusal:
            raise ValidationError(self._error_message(refusal, parse_login(typed))) from None
        return self.cleaned_data

    def _authenticate(self, login: int) -> None:
        request = self.web_request
        if lockout.locked_out_until(login, get_client_network(request)):
            raise LockedOut
        code = self.cleaned_data.get("code", "")
        users: Any = get_user_model()._default_manager
        with limit_guesses(request, login, code) as guess:
            user = users.with_password(login, self.cleaned_data.get("password", ""))
            guess.by_factor = check_backoffice_sign_in(user, code)
        user.came_by_factor = guess.by_factor
        self.user_cache = user

    def _error_message(self, refusal: SignInRefused | TooFrequent, login: int) -> str:
        if isinstance(refusal, TooFrequent):
            return f"Too many tries: {refusal.message}."
        if isinstance(refusal, LockedOut):
            request = self.web_request
            until = lockout.locked_out_until(login, get_client_network(request))
            ends = format_utc(until // 1000)
            return f"Too many failed tries. This login can sign in again from {ends} UTC."
        return REFUSED_MESSAGE


class EnrolForm(forms.Form):
    """The first code of a new second factor, and a proof that its owner submits it."""

    proof = forms.CharField(max_length=128, strip=False)
    code = make_code_field("The code that the app shows now", required=True)

    def __init__(self, data: Mapping[str, object] | None = None, *, enrolled: bool) -> None:
        super().__init__(data)
        if enrolled:
            label = "A code of the second factor that you have, or a recovery code"
            self.fields["proof"] = make_code_field(label, required=True)
        else:
            attrs = {"autocomplete": "current-password", "class": INPUT_CLASSES}
            self.fields["proof"].widget = forms.PasswordInput(attrs=attrs)
            self.fields["proof"].label = "Your password"
