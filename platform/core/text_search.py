"""Expressions for text search by words, over GIN indexes of `tsvector`.

Rows of logs are found by the beginnings of their words, people by any part of them: their vector
has every end of each word, as `search_parts` makes it, so that a part is the beginning of an end.

They are built of Django's own expressions, so that a migration of such an index imports nothing of
the product, and makemigrations finds a change of the SQL below as a change of the index.
"""

from typing import Any
from unicodedata import normalize

from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, Expression, F, Func, Value

WORD_VECTOR_SQL = (
    "to_tsvector('simple'::regconfig, translate(%(expressions)s, '@.-_+/:&<>=?~', '             '))"
)
DIGITS_SQL = "regexp_replace(%(expressions)s, '[^0-9]', '', 'g')"
PARTS_SQL = "search_parts(%(expressions)s)"
# Letters that are no other letter with an accent, and what they are found by; as in the database's
# function `search_parts`, which a migration of the accounts creates.
PLAIN_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i"}


def fold(text: str) -> str:
    """Return the text in lower case and without accents, as `search_parts` compares it."""
    plain = "".join(PLAIN_LETTERS.get(letter, letter) for letter in text.lower())
    return "".join(one for one in normalize("NFKD", plain) if not "\u0300" <= one <= "\u036f")


def make_parts_vector(*columns: str | Expression) -> Func:
    """Return all ends of the words of text columns; a search finds any part of a word."""
    return Func(
        *columns,
        arg_joiner=" || ' ' || ",
        output_field=SearchVectorField(),
        template=PARTS_SQL,
    )


def make_digits(column: str) -> Func:
    """Return a telephone number's digits as one word."""
    return Func(column, template=DIGITS_SQL)


def make_word_vector(*columns: str | Expression) -> Func:
    """Return the words of text columns in lower case; `@`, `.`, `-` … part words as blanks do."""
    # By name, as makemigrations writes them: in another order it would see another index.
    return Func(
        *columns,
        arg_joiner=" || ' ' || ",
        output_field=SearchVectorField(),
        template=WORD_VECTOR_SQL,
    )


def move_under(expression: Any, path: str) -> Any:
    """Return the expression over the same columns of a related row, for a list that joins it."""
    if isinstance(expression, F):
        name = getattr(expression, "name", "")  # the stubs know none
        return F(f"{path}__{name}")
    copy = expression.copy()
    copy.set_source_expressions(
        [move_under(source, path) for source in expression.get_source_expressions()]
    )
    return copy


class MatchesWords(Func):
    """Whether words begin with all parts of a search."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


class TsQuery(Value):
    """A `tsquery` as PostgreSQL reads it."""

    def as_sql(self, compiler: object, connection: object) -> tuple[str, tuple[str | int, ...]]:
        return "%s::tsquery", (str(self.value),)
