"""A secret that staff see once, on the page that answers their form."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OneTimeSecret:
    """A secret, what it is ("New password"), and what is to be done with it now."""

    name: str
    text: str
    advice: str

    @property
    def title(self) -> str:
        """Return the title of the page that shows it."""
        return f"{self.name}, shown only once"


def password_to_pass_on(name: str, password: str) -> OneTimeSecret:
    """Return the password that was made for another person; `name` says which it is."""
    advice = "Pass it on now: it is stored nowhere, and no page can show it again."
    return OneTimeSecret(name, password, advice)
