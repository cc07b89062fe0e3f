"""Search in the lists: every word is looked up by an index, never in all rows.

Text is found by the beginnings of its words: `make_word_vector` says of which columns, and a GIN
index of the model on the same expression answers. People are found by any part of their words,
without accents: `make_parts_vector` (pg_trgm, which does so too, is not everywhere).
"""

import re
from typing import ClassVar, Protocol, TypeVar

from django.db.models import Expression, Func, Model, Q, QuerySet

from core.numbers import is_digits
from core.sections import load_contributions
from core.text_search import MatchesWords, TsQuery, fold

M = TypeVar("M", bound=Model)
MAX_WORDS = 8
NO_LIMIT = 2**31  # a limit that no table reaches
MAX_SYMBOLS = 100
MAX_NUMBER_DIGITS = 18  # that a bigint holds for sure
# Two numbers with a blank between are two logins; an IP address is no telephone number.
IP_ADDRESS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")
TELEPHONE = re.compile(r"[+(0][0-9\s()./-]{4,}|[0-9][0-9\s]*[()./-][0-9\s()./-]{3,}")
LEAST_DIGITS = 3  # of a number of which any part is searched
NATIONAL_DIGITS = 7  # from so many on a telephone number may be typed with a 0 for the country
SEPARATORS = re.compile(r"[\W_]+")


class SearchedPage(Protocol):
    """What a page says of its search."""

    search_numbers: ClassVar[tuple[str, ...]]
    search_symbols: ClassVar[tuple[str, ...]]
    search_words: ClassVar[tuple[Func, ...]]
    search_people: ClassVar[tuple[Func, ...]]
    search_fields: ClassVar[tuple[str, ...]]


class ListSearch:
    """What a page can be searched by; every entry needs an index that begins with it.

    `numbers` are found by equality, `symbols` are columns with a symbol's name. `anywhere` finds
    any part of a column, which reads all rows: for small tables.
    """

    def __init__(self, page: SearchedPage) -> None:
        self.numbers: tuple[str, ...] = page.search_numbers
        self.symbols: tuple[str, ...] = page.search_symbols
        self.word_vectors: tuple[Func, ...] = page.search_words
        self.parts_vectors: tuple[Func, ...] = page.search_people
        self.anywhere: tuple[str, ...] = page.search_fields

    def find(self, rows: QuerySet[M], term: str) -> QuerySet[M]:
        """Return the rows in which every word of the term is found."""
        for word in split_term(term):
            rows = self._rows_with_word(rows, word)
        return rows

    def _rows_with_word(self, rows: QuerySet[M], word: str) -> QuerySet[M]:
        conditions = self._conditions(word)
        if not conditions:
            return rows.none()
        if len(conditions) == 1 and isinstance(conditions[0], Q):
            return rows.filter(conditions[0])
        # Each condition by its own index: PostgreSQL finds none for an OR over several tables, and
        # without the limit it would test the words of one row after the other in the list's order.
        first, *others = (
            rows.model._base_manager.filter(way).order_by().values("pk")[:NO_LIMIT]
            for way in conditions
        )
        return rows.filter(pk__in=first.union(*others, all=True) if others else first)

    def _conditions(self, word: str) -> list[Q | Expression]:
        """Return the conditions of which one must hold for rows with the word."""
        is_number = is_digits(word)
        conditions: list[Q | Expression] = []
        if is_number and len(word) <= MAX_NUMBER_DIGITS:
            conditions += [Q(**{field: int(word)}) for field in self.numbers]
        if not is_number and self.symbols:
            names = matching_symbols(word)
            conditions += [Q(**{f"{field}__in": names}) for field in self.symbols]
        query = prefix_query(word) if self.word_vectors else ""
        if query:
            conditions += [MatchesWords(vector, TsQuery(query)) for vector in self.word_vectors]
        query = parts_query(word) if self.parts_vectors else ""
        if query:
            conditions += [MatchesWords(vector, TsQuery(query)) for vector in self.parts_vectors]
        if self.anywhere and not (is_number and self.numbers):
            anywhere = [Q(**{f"{field}__icontains": word}) for field in self.anywhere]
            conditions.append(Q(*anywhere, _connector=Q.OR))
        return conditions


def split_term(term: str) -> list[str]:
    """Return the words of a search; a telephone number is one word, however it is grouped."""
    text = term.replace("\0", "").strip()
    telephone = TELEPHONE.fullmatch(text) and not IP_ADDRESS.fullmatch(text)
    if telephone and not is_digits(text):
        return [re.sub(r"\D", "", text)]
    return text.split()[:MAX_WORDS]


def prefix_query(word: str) -> str:
    """Return the `tsquery` of what begins like the word."""
    return join_prefixes(word.lower())


def parts_query(word: str) -> str:
    """Return the `tsquery` of people with the word as a part, whatever its accents.

    A telephone number may begin with 00 for the +, or with a 0 for its country. Single letters,
    which nearly all people have, are left out; one or two digits are those at the end of a word.
    """
    if not is_digits(word):
        parts = SEPARATORS.split(fold(word))
        return join_prefixes(" ".join(one for one in parts if len(one) > 1 or not one.isascii()))
    if len(word) < LEAST_DIGITS:
        return f"'{word}'"
    number = word.removeprefix("00") or word
    query = join_prefixes(number)
    if len(number) >= NATIONAL_DIGITS and number.startswith("0"):
        query += f" | {join_prefixes(number[1:])}"
    return query


def join_prefixes(text: str) -> str:
    """Return the `tsquery` of all words of the text, each as the beginning of one."""
    return " & ".join(f"'{part}':*" for part in SEPARATORS.split(text) if part)


def matching_symbols(word: str) -> list[str]:
    """Return the names of symbols that contain the word; without any the word as a name."""
    [model] = load_contributions("symbol_model")
    symbols = model._default_manager.filter(name__icontains=word)
    found = symbols.values_list("name", flat=True)[:MAX_SYMBOLS]
    return list(found) or [word.upper()]  # logs name symbols that were deleted
