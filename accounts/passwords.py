"""The length of passwords."""

from django.core.exceptions import ValidationError

MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH = 6, 64  # rest.md's, for every way to set a password


class LengthValidator:
    """Checks the length in Django's forms and commands; API inputs use the same bounds."""

    def validate(self, password: str, user: object = None) -> None:
        """Refuse a password that `/sign/in` would not accept as input.

        Raises:
            ValidationError: it is too short or too long.
        """
        if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
            raise ValidationError(self.get_help_text(), code="password_length")

    def get_help_text(self) -> str:
        return f"The password has {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters."
