"""Staff with and without a second factor."""

import pytest

from accounts.models import User
from core.clock import now
from staff_auth import second_factor
from staff_auth.models import Factor


class AuthenticatorApp:
    """An authenticator app that knows a user's secret; the clock is the test's own."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.secret = second_factor.generate_secret()
        self.recovery = second_factor.enrol_user(user=user, secret=self.secret, step=0)
        user.refresh_from_db()

    def code(self, steps: int = 0) -> str:
        """Return the code shown now, or that many steps from now."""
        return second_factor.totp_code(self.secret, now() // second_factor.STEP_SECONDS + steps)

    def forget_used_codes(self) -> None:
        """Reset the last used step."""
        Factor.objects.filter(pk=self.user.pk).update(last_step=0)


@pytest.fixture
def telephone(carol: User) -> AuthenticatorApp:
    """Carol's authenticator app."""
    return AuthenticatorApp(carol)
