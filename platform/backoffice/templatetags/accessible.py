"""The template tag of accessible pages, `{% load accessible %}`: mends what unfold leaves out.

It edits what unfold's templates made, so that they need not be copied. Whatever a person wrote
is escaped by then, and no tag.
"""

import re
from collections.abc import Iterator
from functools import partial

from django import template
from django.template import Context
from django.template.base import NodeList, Parser, Token
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

ELEMENT = re.compile(r'<(span|div|a)((?:\s+[\w:.@-]+(?:="[^"]*")?)*\s*)>')
FIELD = re.compile(r'<(?:input|select|textarea)\b[^>]*?\bid="([^"]+)"[^>]*>')
LABELLED = re.compile(r'<label\b[^>]*?\bfor="([^"]+)"')
PLACEHOLDER = re.compile(r'\bplaceholder="([^"]+)"')
HEADING = re.compile(r"<th(?=[\s>])(?![^>]*\bscope=)")  # of the tables in forms
CLICKED = ' x-on:click="'
TOGGLED = re.compile(r' x-on:click="(\w+) = !\1\b')
ICON = "material-symbols-outlined"
OVERLAYS = ("changelist-filter-close",)  # a click beside a panel closes it, as Escape does
LABELS = {
    ' id="searchbar"': "Search",
    ' id="searchbar-submit"': "Search",
    ' id="search-input-command"': "Search",
    ' id="command-submit"': "Search",
    ' id="nav-sidebar-inner"': "Menu",
    ' x-on:click="openTheme = !openTheme"': "Theme",
    " x-on:click='showActions = !showActions'": "Actions",
    # of the small icon that leads home, beside the name
    ' class="bg-primary-600 flex h-[38px] items-center justify-center rounded-default shrink-0'
    ' text-white text-xs w-[38px]"': "Home",
}


class AccessibleNode(template.Node):
    """The HTML between the tags, mended."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """Return the contents for keyboards and screen readers."""
        return mark_safe(make_accessible(self.nodelist.render(context)))  # noqa: S308 - rendered by templates


@register.tag
def accessible(parser: Parser, _token: Token) -> AccessibleNode:
    """Compile the tag."""
    nodelist = parser.parse(("endaccessible",))
    parser.delete_first_token()
    return AccessibleNode(nodelist)


def make_accessible(html: str) -> str:
    """Hide icons from screen readers, and make buttons of what can only be clicked."""
    for attribute, label in LABELS.items():
        html = html.replace(attribute, f'{attribute} aria-label="{label}"')
    html = FIELD.sub(partial(name_field, labelled=set(LABELLED.findall(html))), html)
    html = HEADING.sub('<th scope="col"', html)
    return ELEMENT.sub(
        lambda found: f"<{found[1]}{found[2]}{''.join(added_attributes(found[2]))}>", html
    )


def name_field(found: re.Match[str], labelled: set[str]) -> str:
    """Return the field's tag, named by its placeholder where nothing else names it."""
    text = PLACEHOLDER.search(found[0])
    if text is None or found[1] in labelled or " aria-label=" in found[0]:
        return found[0]
    return f'{found[0][:-1].removesuffix("/")} aria-label="{text[1]}">'


def added_attributes(attributes: str) -> Iterator[str]:
    """Yield the attributes that an element with these lacks."""
    is_icon = ICON in attributes
    if CLICKED in attributes and " href=" not in attributes and " role=" not in attributes:
        if any(f' id="{overlay}"' in attributes for overlay in OVERLAYS):
            return
        yield ' role="button" tabindex="0"'
        for key in ("enter", "space"):
            yield f' x-on:keydown.{key}.prevent="$el.click()"'
        if is_icon or ' x-ref="relatedWidget' in attributes:
            yield ' aria-label="Menu"'
        if toggled := TOGGLED.search(attributes):
            yield f' x-bind:aria-expanded="{toggled[1]}"'
    elif is_icon and " aria-" not in attributes:
        yield ' aria-hidden="true"'
