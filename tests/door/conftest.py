"""Staff at the door, with and without a telephone."""

import pytest

from accounts.models import User
from core.clock import now
from door import factors
from door.models import Factor


class Telephone:
    """An authenticator app that knows a user's secret; the clock is the test's own."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.secret = factors.new_secret()
        self.recovery = factors.enrol(user=user, secret=self.secret, step=0)
        user.refresh_from_db()

    def code(self, steps: int = 0) -> str:
        """The code that it shows, or showed or will show some steps from now."""
        return factors.totp(self.secret, now() // factors.STEP + steps)

    def forget(self) -> None:
        """As if no code had been used yet."""
        Factor.objects.filter(pk=self.user.pk).update(last_step=0)


@pytest.fixture
def telephone(carol: User) -> Telephone:
    """Carol's."""
    return Telephone(carol)
