"""`manage.py unlock LOGIN`: ends a lockout or a slow-down by failed attempts."""

from argparse import ArgumentParser

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError

from audit import recording
from core.locks import transactional
from core.numbers import read_integer
from core.users import User
from staff_auth import lockout


class Command(BaseCommand):
    help = "Let a login, of a client or of staff, sign in again after too many failed tries."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", type=read_integer)
        parser.add_argument("--reason", default="", help="for the audit")

    def handle(self, *args: object, login: int, reason: str, **options: object) -> None:
        user = get_user_model()._default_manager.filter(pk=login).first()
        if user is None:
            raise CommandError(f"there is no login {login}")
        unlock_user(user, reason)
        self.stdout.write(f"{user} can sign in again")


@transactional
def unlock_user(user: User, reason: str) -> None:
    """Unlock the login and write the audit entry."""
    before = {"locked_out": lockout.is_blocked(user)}
    lockout.unlock_login(user.pk)
    after = {"locked_out": False}
    recording.record_entry(None, "unlock", user, reason=reason, before=before, after=after)
