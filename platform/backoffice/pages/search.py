"""Search in the lists: every word is looked up by an index, never in all rows.

Text is found by the beginnings of its words: `make_word_vector` says of which columns, and a GIN
index of the model on the same expression answers. People are found by any part of their words,
without accents: `make_parts_vector` (pg_trgm, which does so too, is not everywhere). Rows of a
client are found by the logins of the people found.
"""

import re
from collections.abc import Sequence
from typing import ClassVar, Protocol, TypeVar

from django.contrib.auth import get_user_model
from django.db.models import Expression, Func, Model, Q, QuerySet, Value

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
    search_clients: ClassVar[tuple[str, ...]]
    search_fields: ClassVar[tuple[str, ...]]


class ListSearch:
    """What a page can be searched by; every entry needs an index that begins with it.

    `numbers` are found by equality, `symbols` are columns with a symbol's name, `clients` paths to
    the login of a client. `anywhere` finds any part of a column, which reads all rows: for small
    tables.
    """

    def __init__(self, page: SearchedPage) -> None:
        self.numbers: tuple[str, ...] = page.search_numbers
        self.symbols: tuple[str, ...] = page.search_symbols
        self.word_vectors: tuple[Func, ...] = page.search_words
        self.parts_vectors: tuple[Func, ...] = page.search_people
        self.clients: tuple[str, ...] = page.search_clients
        self.anywhere: tuple[str, ...] = page.search_fields

    def find(self, rows: QuerySet[M], term: str) -> QuerySet[M]:
        """Return the rows in which every word of the term is found."""
        names: list[str] = []  # words that can only be those of a client
        for word in split_term(term):
            conditions = self._conditions(word)
            if conditions or not self.clients:
                rows = rows_with_any(rows, [*conditions, *self._conditions_of_client([word])])
            else:
                names.append(word)
        if not names:
            return rows
        return rows_with_any(rows, self._conditions_of_client(names) or self._lost_symbol(names))

    def _conditions(self, word: str) -> list[Q | Expression]:
        """Return the conditions of which one must hold for rows with the word, but a client's."""
        is_number = is_digits(word)
        conditions: list[Q | Expression] = []
        if is_number and len(word) <= MAX_NUMBER_DIGITS:
            conditions += [Q(**{field: int(word)}) for field in self.numbers]
        if not is_number and self.symbols:
            symbols = matching_symbols(word) or ([] if self.clients else [word.upper()])
            conditions += [Q(**{f"{field}__in": symbols}) for field in self.symbols if symbols]
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

    def _conditions_of_client(self, names: list[str]) -> list[Q]:
        """Return the conditions of rows of a client who has all the words."""
        if not self.clients or any(is_digits(one) and len(one) < NATIONAL_DIGITS for one in names):
            return []  # a short number is an order, not a part of a telephone number
        queries = [parts_query(word) for word in names]
        logins = matching_logins(queries) if all(queries) else []
        return [Q(**{f"{path}__in": logins}) for path in self.clients if logins]

    def _lost_symbol(self, names: list[str]) -> list[Q]:
        """Return the condition of rows of a symbol that was deleted, which logs still name."""
        is_one = len(names) == 1
        return [Q(**{field: names[0].upper()}) for field in self.symbols if is_one]


def rows_with_any(rows: QuerySet[M], conditions: Sequence[Q | Expression]) -> QuerySet[M]:
    """Return the rows for which one of the conditions holds."""
    if len(conditions) > 1 and all(isinstance(way, Q) for way in conditions):
        conditions = satisfied_conditions(rows, conditions)
    if not conditions:
        return rows.none()
    own = [way for way in conditions if isinstance(way, Q) and is_own(rows.model, way)]
    if len(own) == len(conditions) or (len(conditions) == 1 and isinstance(conditions[0], Q)):
        return rows.filter(Q(*conditions, _connector=Q.OR))
    # Each condition by its own index: PostgreSQL finds none for an OR over several tables, and
    # without the limit it would test the words of one row after the other in the list's order.
    first, *others = (
        rows.model._base_manager.filter(way).order_by().values("pk")[:NO_LIMIT]
        for way in conditions
    )
    return rows.filter(pk__in=first.union(*others, all=True) if others else first)


def is_own(model: type[Model], condition: Q) -> bool:
    """Return whether a condition is about the row's own columns alone."""
    own = {field.name for field in model._meta.concrete_fields}
    lookups = [child[0] for child in condition.children if isinstance(child, tuple)]
    names = [lookup.removesuffix("__in") for lookup in lookups]
    return len(names) == len(condition.children) and own.issuperset(names)


def satisfied_conditions(
    rows: QuerySet[M], conditions: Sequence[Q | Expression]
) -> list[Q | Expression]:
    """Return the conditions that hold for any row: a number is rarely an order and a login."""
    first, *others = (
        rows.filter(way).order_by().annotate(way=Value(place)).values("way")[:1]
        for place, way in enumerate(conditions)
    )
    return [conditions[row["way"]] for row in first.union(*others, all=True)]


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


def matching_logins(queries: list[str]) -> list[int]:
    """Return the logins of the people whom all of the `tsquery`s find.

    As numbers and not as a subquery, so that PostgreSQL knows how many they are: the rows of few
    are found by an index, those of many soon turn up in the order of the list.
    """
    [vector] = load_contributions("person_search")
    query = " & ".join(f"({one})" for one in queries)
    people = get_user_model()._default_manager.filter(MatchesWords(vector, TsQuery(query)))
    return list(people.order_by().values_list("pk", flat=True))


def matching_symbols(word: str) -> list[str]:
    """Return the names of symbols that contain the word."""
    [model] = load_contributions("symbol_model")
    symbols = model._default_manager.filter(name__icontains=word)
    return list(symbols.values_list("name", flat=True)[:MAX_SYMBOLS])
