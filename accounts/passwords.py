"""What a password must be."""

from django.core.exceptions import ValidationError

SHORTEST, LONGEST = 6, 64  # the contract's, for every way to set one


class LengthValidator:
    """For Django's forms and commands; the API's inputs say the same by their own fields."""

    def validate(self, password: str, user: object = None) -> None:
        """Refuse what `/sign/in` would not even read."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValidationError(self.get_help_text(), code="password_length")

    def get_help_text(self) -> str:
        return f"The password has {SHORTEST} to {LONGEST} characters."
