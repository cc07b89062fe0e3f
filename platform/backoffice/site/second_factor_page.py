"""The page on which staff set up or replace their second factor."""

import segno
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_post_parameters

from api.devices import remember_device
from api.throttling.limiter import refuse_too_many
from audit import recording
from audit.models import SignIn
from backoffice.site.sign_in_forms import SIGN_IN_LIMITS, EnrolForm
from core.client_address import get_client_network
from core.errors import Denied, TooFrequent
from core.locks import transactional
from core.users import User, signed_in_user
from staff_auth import lockout, second_factor, session_limits
from staff_auth.errors import LockedOut, WrongCode

# The session's key of the new secret, of which no code has been entered yet.
SECRET_KEY = "new_secret"  # noqa: S105 - a name, no secret


class WrongFirstCode(Denied):
    default = "this is no code of the new secret: scan it again, and mind the telephone's clock"


@sensitive_post_parameters()
def show_second_factor(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    """Show secret and QR code; after a proof and a first code, show the recovery codes once."""
    user = signed_in_user(request)
    enrolled = second_factor.is_enrolled(user)
    form = EnrolForm(request.POST or None, enrolled=enrolled)
    codes: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            codes = _check_and_enrol(request, enrolled, **form.cleaned_data)
        except (Denied, TooFrequent) as refusal:
            form.add_error(None, refusal.message)
    if not codes:
        secret = request.session.setdefault(SECRET_KEY, second_factor.generate_secret())
        context |= {"secret": secret, "qr": _render_qr_code(secret, user)}
    left = second_factor.count_recovery_codes(user)
    title = "Recovery codes, shown only once" if codes else "Second factor"
    more = {"title": title, "form": form, "codes": codes, "enrolled": enrolled}
    must = second_factor.is_required(user)
    context |= {**more, "left": left, "must": must}
    response = TemplateResponse(request, "door/second_factor.html", context)
    if codes:
        remember_device(response, request, user)
    return response


def _check_and_enrol(request: HttpRequest, enrolled: bool, proof: str, code: str) -> list[str]:
    """Check the first code and the proof, then replace the factor; return the recovery codes.

    Raises:
        TooFrequent, LockedOut: after too many attempts.
        WrongFirstCode: `code` is not one of the new secret.
        WrongCode: `proof` is not a code of the present factor, or not the password.
    """
    user = signed_in_user(request)
    refuse_too_many(request, SIGN_IN_LIMITS, user.pk)
    if lockout.locked_out_until(user.pk, get_client_network(request)):
        raise LockedOut("too many failed tries; try again later")
    secret = request.session.get(SECRET_KEY)
    step = second_factor.find_step(secret, code) if secret else None
    if secret is None or step is None:
        raise WrongFirstCode
    if not (second_factor.accept_code(user, proof) if enrolled else user.check_password(proof)):
        recording.record_sign_in(request, user.pk, SignIn.Door.ADMIN, WrongCode.outcome)
        raise WrongCode("the proof that it is you is wrong")
    codes = _save_factor(request, secret, step)
    del request.session[SECRET_KEY]
    update_session_auth_hash(request, user)  # all sessions have ended: renew this one
    request.session[session_limits.SECOND_FACTOR_KEY] = True
    return codes


@transactional
def _save_factor(request: HttpRequest, secret: str, step: int) -> list[str]:
    """Save the factor and its audit entry in one transaction; return the recovery codes."""
    user = signed_in_user(request)
    before = {"second_factor": second_factor.is_enrolled(user)}
    codes = second_factor.enrol_user(user=user, secret=secret, step=step)
    after = {"second_factor": True}
    recording.record_entry(request, "enrol_second_factor", user, before=before, after=after)
    return codes


def _render_qr_code(secret: str, user: User) -> str:
    uri = second_factor.provisioning_uri(secret, user, issuer=settings.BRAND_NAME)
    image = segno.make(uri, error="m").svg_inline(scale=5, border=4, light="#fff")
    return mark_safe(image)  # noqa: S308 - made of squares, by segno
