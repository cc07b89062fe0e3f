"""Environment variables: read, validated, and refused with a clear message.

A secret need not be in the environment, which every child process and crash report sees:
the value of any variable NAME may be in a file that NAME_FILE names.
"""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from core.numbers import read_integer

BASE_DIR = Path(__file__).resolve().parent.parent.parent
FILE_SUFFIX = "_FILE"


class FileEnvironment(environ.Env):  # type: ignore[misc]  # django-environ has no types
    """django-environ that reads a variable NAME from the file of NAME_FILE, if that is set."""

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: object) -> object:
        """Return the value of the variable or of its file; every typed reader calls this.

        Raises:
            ImproperlyConfigured: both are set, or the file cannot be read.
        """
        path = self.ENVIRON.get(var + FILE_SUFFIX)
        if path is None:
            return super().get_value(var, cast, *args, **kwargs)
        if var in self.ENVIRON:
            raise ImproperlyConfigured(f"{var} and {var}{FILE_SUFFIX} are both set: take one away")
        return self.parse_value(_read_text(var + FILE_SUFFIX, path), cast)

    def list(self, var: str, *args: Any, **kwargs: object) -> list[str]:
        """Return the values between the commas, without surrounding spaces."""
        return [value.strip() for value in super().list(var, *args, **kwargs)]


def _read_text(name: str, path: str) -> str:
    """Return the file's text without the end of its last line."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ImproperlyConfigured(f"{name}={path!r}: {error.strerror}") from None
    except ValueError:  # UnicodeDecodeError, or a path with a null byte
        raise ImproperlyConfigured(f"{name}={path!r}: is no text file") from None
    return text.removesuffix("\n").removesuffix("\r")


env = FileEnvironment()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")


def read_choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """Return the variable's value.

    Raises:
        ImproperlyConfigured: it is not one of `allowed`; the process does not start.
    """
    value = str(env.str(name, default))
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r}: must be one of {', '.join(allowed)}")
    return value


def read_int(name: str, default: int, least: int, most: int) -> int:
    """Return the variable as an int.

    Raises:
        ImproperlyConfigured: it is none, or not from `least` to `most`; the process does
            not start.
    """
    text = env.str(name, str(default))
    try:
        value = read_integer(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={text!r}: must be a whole number") from None
    if not least <= value <= most:
        raise ImproperlyConfigured(f"{name}={value}: must be from {least} to {most}")
    return value


def mail_settings(url: str) -> dict[str, object]:
    """Return Django's settings of the mail server.

    Raises:
        ImproperlyConfigured: the URL is not valid; the process does not start.
    """
    try:
        return dict(environ.Env.email_url_config(url or "dummymail://"))
    except (ImproperlyConfigured, ValueError) as error:
        raise ImproperlyConfigured(f"EMAIL_URL: {error}") from None
