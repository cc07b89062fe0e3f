"""Staff with and without a second factor."""

import pytest

from accounts.models import User
from core.clock import now
from door import factors
from door.models import Factor


class AuthenticatorApp:
    """An authenticator app that knows a user's secret; the clock is the test's own."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.secret = factors.generate_secret()
        self.recovery = factors.enrol_user(user=user, secret=self.secret, step=0)
        user.refresh_from_db()

    def code(self, steps: int = 0) -> str:
        """Return the code shown now, or that many steps from now."""
        return factors.totp_code(self.secret, now() // factors.STEP_SECONDS + steps)

    def forget_used_codes(self) -> None:
        """Reset the last used step."""
        Factor.objects.filter(pk=self.user.pk).update(last_step=0)


@pytest.fixture
def telephone(carol: User) -> AuthenticatorApp:
    """Carol's authenticator app."""
    return AuthenticatorApp(carol)
