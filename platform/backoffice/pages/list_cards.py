"""Which columns of a list telephones show: a card of two lines a row."""

from collections.abc import Sequence
from dataclasses import dataclass

from backoffice.columns import Column

DETAIL = "card-detail"  # the CSS class of its cells
MOST_DETAILS = 2  # where a page does not choose


@dataclass(frozen=True, slots=True)
class CardColumns:
    """Names of columns: title and figure are a card's first line.

    The second has texts, which need no heading, and details with theirs. A list need not have
    all of them. What is not named is on the row's own page alone; a detail leads there.
    """

    title: tuple[str, ...]
    figure: str = ""
    texts: tuple[str, ...] = ()
    details: tuple[str, ...] = ()

    def class_of(self, name: str) -> str:
        """Return the CSS class of the column's cells, empty where a card leaves it out."""
        places = {
            "card-title": self.title,
            "card-figure": (self.figure,),
            "card-text": self.texts,
            DETAIL: self.details,
        }
        return next((place for place, names in places.items() if name in names), "")


def name_of_column(entry: Column) -> str:
    """Return the name of an entry of `list_display`."""
    return entry if isinstance(entry, str) else str(entry.__name__)


def choose_card_columns(names: Sequence[str], numbers: Sequence[str]) -> CardColumns:
    """Return the first columns and the last one of `numbers`, for a page that does not choose."""
    title = tuple(names[:2])
    figure = next((name for name in reversed(numbers) if name not in title), "")
    others = [name for name in names[2:] if name != figure]
    return CardColumns(title, figure, details=tuple(others[:MOST_DETAILS]))
