"""Variables of the environment: read, judged, and refused with a clear line.

A secret need not stand in the environment, which every child process and crash report sees: the
value of any variable NAME may be in a file that NAME_FILE names.
"""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from core.numbers import read_integer

BASE_DIR = Path(__file__).resolve().parent.parent.parent
FILE = "_FILE"


class Environment(environ.Env):  # type: ignore[misc]  # django-environ has no types
    """django-environ, with the content of the file in place of a variable where one is named."""

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        """As django-environ does it; every typed reader comes through here."""
        path = self.ENVIRON.get(var + FILE)
        if path is None:
            return super().get_value(var, cast, *args, **kwargs)
        if var in self.ENVIRON:
            raise ImproperlyConfigured(f"{var} and {var}{FILE} are both set: take one away")
        return self.parse_value(_content(var + FILE, path), cast)

    def list(self, var: str, *args: Any, **kwargs: Any) -> list[str]:
        """The values between the commas, without spaces around them."""
        return [value.strip() for value in super().list(var, *args, **kwargs)]


def _content(name: str, path: str) -> str:
    """The text of the file without the end of its last line."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ImproperlyConfigured(f"{name}={path!r}: {error.strerror}") from None
    except ValueError:  # UnicodeDecodeError, or a path with a null byte
        raise ImproperlyConfigured(f"{name}={path!r}: is no text file") from None
    return text.removesuffix("\n").removesuffix("\r")


env = Environment()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """The variable's value; anything that is not allowed stops the start."""
    value = str(env.str(name, default))
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r}: must be one of {', '.join(allowed)}")
    return value


def integer(name: str, default: int, least: int, most: int) -> int:
    """The variable as an int within bounds; anything else stops the start."""
    text = env.str(name, str(default))
    try:
        value = read_integer(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={text!r}: must be a whole number") from None
    if not least <= value <= most:
        raise ImproperlyConfigured(f"{name}={value}: must be from {least} to {most}")
    return value


def mail_server(url: str) -> dict[str, object]:
    """Django's settings of the mail server; what is none stops the start."""
    try:
        return dict(environ.Env.email_url_config(url or "dummymail://"))
    except (ImproperlyConfigured, ValueError) as error:
        raise ImproperlyConfigured(f"EMAIL_URL: {error}") from None
