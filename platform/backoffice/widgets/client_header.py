"""The client header: whose account, order or request a page or form is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from backoffice.widgets.content import FigureList, Link
from core.sections import load_contributions
from core.users import User


@dataclass(frozen=True, slots=True)
class ClientHeader:
    """A client as far as the reader may see it; what the reader may not see is empty.

    `badges` are texts with a tone as that of a `Cell`, `time` is when the figures were computed.
    """

    login: int
    name: str = ""
    badges: Sequence[tuple[str, str]] = ()
    facts: Sequence[tuple[str, str]] = ()
    links: Sequence[Link] = ()
    figures: FigureList | None = None
    time: str = ""
    note: str = ""


def load_client_header(user: User, login: int | None) -> ClientHeader | None:
    """Return the header of the login for this member of staff, who may see none (None)."""
    if login is None:
        return None
    header: ClientHeader | None
    for load in load_contributions("client_header"):
        header = load(user, login)
        return header
    return None
