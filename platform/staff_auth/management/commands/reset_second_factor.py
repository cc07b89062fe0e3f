"""`manage.py reset_second_factor LOGIN`: sign-in without the lost second factor.

The way for the last administrator, whom nobody else can reset in the backoffice.
"""

from argparse import ArgumentParser

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError

from audit import recording
from core.locks import transactional
from core.numbers import read_integer
from core.users import User
from staff_auth import lockout, second_factor


class Command(BaseCommand):
    help = "Remove the second factor of a login, unlock it and end its sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", type=read_integer)
        parser.add_argument("--reason", required=True, help="for the audit")

    def handle(self, *args: object, login: int, reason: str, **options: object) -> None:
        user = get_user_model()._default_manager.filter(pk=login).first()
        if user is None:
            raise CommandError(f"there is no login {login}")
        reset_second_factor(user, reason)
        self.stdout.write(f"{user} can sign in without a second factor")


@transactional
def reset_second_factor(user: User, reason: str) -> None:
    """Remove the factor, unlock the login and write the audit entry."""
    before = {
        "second_factor": second_factor.is_enrolled(user),
        "locked_out": lockout.is_blocked(user),
    }
    second_factor.remove_factor(user=user)
    lockout.unlock_login(user.pk)
    after = {"second_factor": False, "locked_out": False}
    recording.record_entry(
        None, "reset_second_factor", user, reason=reason, before=before, after=after
    )
