"""The page on which staff change their own password.

The old password is no easier to guess here than on the sign-in page.
"""

from typing import TYPE_CHECKING, Any

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from api.devices import remember_device
from api.throttling.limiter import refuse_too_many
from audit import recording
from audit.models import SignIn
from backoffice.site.sign_in_forms import SIGN_IN_LIMITS
from core.client_address import get_client_network
from core.errors import TooFrequent
from core.locks import transactional
from staff_auth import lockout
from staff_auth.errors import WrongPassword

if TYPE_CHECKING:
    from django.contrib.admin.forms import AdminPasswordChangeForm as OwnPassword
else:
    from unfold.forms import AdminOwnPasswordChangeForm as OwnPassword


class OwnPasswordForm(OwnPassword):
    """Records every wrong old password in the log of sign-ins, where the lockout counts it."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        """Return the old password if it is right.

        After too many attempts it is not checked, so that the response reveals nothing.
        """
        try:
            refuse_too_many(self.request, SIGN_IN_LIMITS, self.user.pk)
        except TooFrequent as refusal:
            raise ValidationError(refusal.message) from None
        if lockout.locked_out_until(self.user.pk, get_client_network(self.request)):
            raise ValidationError("too many failed tries; try again later")
        try:
            old: str = super().clean_old_password()
        except ValidationError:
            recording.record_sign_in(
                self.request, self.user.pk, SignIn.Door.ADMIN, WrongPassword.outcome
            )
            raise
        return old


class OwnPasswordView(PasswordChangeView):
    """Ends the other sessions; this one goes on, and its browser stays a known device."""

    form_class = OwnPasswordForm

    def get_form_kwargs(self) -> dict[str, object]:
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Save the password and renew this session.

        The session is written outside of the transaction, as it could not be repeated.
        """
        save_password(self.request, form)
        update_session_auth_hash(self.request, form.user)
        response = redirect(self.get_success_url())
        remember_device(response, self.request, form.user)
        return response


@transactional
def save_password(request: HttpRequest, form: PasswordChangeForm) -> None:
    """Save the new password and its audit entry in one transaction."""
    form.save()
    hidden = {"password": recording.HIDDEN}
    recording.record_entry(request, "change", form.user, before=hidden, after=hidden)
