"""The table of a list: headings and rows as short HTML, numbers right-aligned.

Unfold's own repeats some thirty classes in every cell and makes the headings anew for each row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlencode

from django.db.models import DecimalField, FloatField, ForeignKey, IntegerField, Model
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from unfold.templatetags.unfold_list import result_headers
from unfold.utils import display_for_field, display_for_value

from backoffice.actions.registry import LIST_QUERY, row_actions_for
from backoffice.columns import Column
from backoffice.pages.list_cards import DETAIL, CardColumns, choose_card_columns, name_of_column

if TYPE_CHECKING:
    from backoffice.pages.lists import IndexedChangeList

ConcreteField: TypeAlias = Column  # of a model: its types are those of any column
CHECKBOX = "action_checkbox"
LONG_TEXT = 64  # characters: columns that may hold more are wrapped
NUMBER = "number"
NAME = "name"  # the class of names, which are cut where there is no room
NUMBERS = (IntegerField, DecimalField, FloatField)


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column: its heading, CSS class, and how a row's cell is read.

    `tone` returns a further CSS class of a row's cell, `link` the URL that it leads to; `is_link`
    leads to the row's own page. `card_class` is its place on the cards of telephones.
    """

    heading: dict[str, object]
    label: str  # the heading again, which narrow screens put before each value
    css_class: str
    read: Callable[[Model], str]
    tone: Callable[[Model], str] | None = None
    link: Callable[[Model], str] | None = None
    is_link: bool = False
    card_class: str = ""

    def cell(self, row: Model, url: str) -> str:
        """Return the HTML of the row's cell."""
        value = self.read(row)
        text: str = conditional_escape(value)
        content = text
        target = url if self.is_link else conditional_escape(self.link(row)) if self.link else ""
        if target:
            content = f'<a href="{target}">{text}</a>'
        is_long = len(text) > LONG_TEXT and not isinstance(value, SafeString)
        tone = self.tone(row) if self.tone else ""
        classes = (self.css_class or ("text" if is_long else ""), tone, self.card_class)
        css_class = " ".join(filter(None, classes))
        of_class = f' class="{css_class}"' if css_class else ""
        if self.css_class == NAME:
            of_class += f' title="{text}"'
        return f'<td{of_class} data-label="{self.label}">{content}</td>'


class ListTable:
    """The table of a change list `cl`, as `backoffice/list_table.html` draws it."""

    def __init__(self, cl: "IndexedChangeList") -> None:
        self._cl, self._page = cl, cl.model_admin
        offered = row_actions_for(cl.user, cl.model)
        self.actions = [
            action for action in offered if any(action.applies(row) for row in cl.result_list)
        ]
        headings = list(result_headers(cl))
        columns = [
            self._column(entry, heading)
            for entry, heading in zip(cl.list_display, headings, strict=True)
        ]
        names = [name_of_column(entry) for entry in cl.list_display]
        named = list(zip(names, columns, strict=True))
        chosen: CardColumns | None = getattr(self._page, "card", None)
        card = chosen or choose_card_columns(
            [name for name in names if name != CHECKBOX],
            [name for name, column in named if column.css_class == NUMBER],
        )
        self.columns = [
            replace(column, card_class=card.class_of(name) or (DETAIL if column.is_link else ""))
            for name, column in named
        ]

    @property
    def rows(self) -> Iterator[tuple[object, SafeString]]:
        """Yield the key of each row, and its cells as HTML."""
        suffix = f"?{self._cl.list_query}" if self._cl.list_query else ""
        for row in self._cl.result_list:
            url = conditional_escape(f"{self._cl.url_for_result(row)}{suffix}")
            cells = "".join(column.cell(row, url) for column in self.columns)
            if self.actions:
                cells += self._actions_cell(row)
            yield row.pk, mark_safe(cells)  # noqa: S308 - each cell escapes its text

    def _actions_cell(self, row: Model) -> str:
        """Return the cell with the actions that apply to the row; they return to the list."""
        query = urlencode({LIST_QUERY: self._cl.own_query})
        links = format_html_join(
            "",
            '<a href="{}?{}" title="{}"{}><span class="material-symbols-outlined" '
            'aria-hidden="true">{}</span><span class="unseen">{} {}</span></a>',
            (
                (
                    action.form_url(row),
                    query,
                    action.title,
                    mark_safe(' class="bad"') if action.danger else "",
                    action.icon,
                    action.title,
                    row,
                )
                for action in self.actions
                if action.applies(row)
            ),
        )
        return f'<td class="row-actions">{links}</td>'

    def _column(self, entry: Column, heading: dict[str, object]) -> ListColumn:
        field = {field.name: field for field in self._page.opts.concrete_fields}.get(entry)
        own = getattr(self._page, entry, None) if isinstance(entry, str) else entry
        links = self._cl.list_display_links or ()
        return ListColumn(
            heading,
            "" if entry == CHECKBOX else conditional_escape(capfirst(str(heading["text"]))),
            css_class_of(entry, field, own),
            self._reader(entry, field, own),
            getattr(own, "tone", None),
            getattr(own, "link", None) if self._may_follow(own) else None,
            entry in links,
        )

    def _may_follow(self, own: Column) -> bool:
        """Return whether the user may see the pages that a column leads to."""
        permission: str = getattr(own, "link_permission", "")
        return not permission or self._cl.user.has_perm(permission)

    def _reader(
        self, entry: Column, field: ConcreteField | None, own: Column
    ) -> Callable[[Model], str]:
        """Return a function that returns a row's text, in the way of Django's own lists."""
        empty = self._page.get_empty_value_display()
        if field is None:
            read = own if own is not None else lambda row: getattr(row, entry)
            boolean = bool(getattr(own, "boolean", False))
            return lambda row: display_for_value(read(row), empty, boolean)
        name = field.name
        if isinstance(field, ForeignKey):
            return lambda row: str(empty if getattr(row, name) is None else getattr(row, name))
        return lambda row: display_for_field(getattr(row, name), field, empty)


def css_class_of(entry: Column, field: ConcreteField | None, own: Column) -> str:
    """Return the CSS class of a column: `number`, `text` for what may be long, or none."""
    if entry == CHECKBOX:
        return "action-checkbox"
    css_class: str | None = getattr(own, "css_class", None)
    if css_class is not None:
        return css_class
    if field is None or field.choices or field.primary_key or field.is_relation:
        return ""
    if isinstance(field, NUMBERS):
        return NUMBER
    return "text" if (field.max_length or 0) > LONG_TEXT else ""
