"""Expressions for text search by the beginnings of words, over GIN indexes of `tsvector`.

They are built of Django's own expressions, so that a migration of such an index imports nothing of
the product, and makemigrations finds a change of the SQL below as a change of the index.
"""

from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, Expression, F, Func, Value

WORD_VECTOR_SQL = (
    "to_tsvector('simple'::regconfig, translate(%(expressions)s, '@.-_+/:&<>=?~', '             '))"
)
DIGITS_SQL = "regexp_replace(%(expressions)s, '[^0-9]', '', 'g')"


def make_word_vector(*columns: str | Expression) -> Func:
    """Return the words of text columns in lower case; `@`, `.`, `-` … part words as blanks do."""
    # By name, as makemigrations writes them: in another order it would see another index.
    return Func(
        *columns,
        arg_joiner=" || ' ' || ",
        output_field=SearchVectorField(),
        template=WORD_VECTOR_SQL,
    )


def make_telephone_words(column: str) -> Func:
    """Return a number's digits as a word, and again as `t` and the digits from the end.

    Numbers are typed with and without the country, so they are found by their last digits as well.
    """
    return Func(column, template=f"{DIGITS_SQL} || ' t' || reverse({DIGITS_SQL})")


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
