"""The field of a symbol's form that shows, takes and removes its icon."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminFileFieldWidget

from core.errors import BrokerError
from pictures.encoding import reencode
from pictures.models import Purpose
from pictures.services import find_picture, store_picture

if TYPE_CHECKING:
    from django.forms.renderers import BaseRenderer

HELP = "png, jpg, webp or gif, at most 5 MB. Without one it is drawn by currency pair or category."


class IconInput(forms.FileInput):
    """A file's input, with the present picture and a box that removes it.

    The path of the present one is sent along, as a form that comes back cannot show a file that
    was chosen.
    """

    def render(
        self,
        name: str,
        value: object,
        attrs: dict[str, object] | None = None,
        renderer: "BaseRenderer | None" = None,
    ) -> SafeString:
        chooser: SafeString = UnfoldAdminFileFieldWidget().render(name, None, attrs, renderer)
        if not isinstance(value, str) or not value:
            return chooser
        return format_html(
            '<div class="flex items-center gap-3 mb-2">'
            '<img src="{path}" alt="the icon" width="48" height="48">'
            '<input type="hidden" name="{name}-present" value="{path}">'
            '<label><input type="checkbox" name="{name}-remove"> remove it</label></div>{chooser}',
            path=value,
            name=name,
            chooser=chooser,
        )

    def value_from_datadict(
        self, data: Mapping[str, object], files: Mapping[str, object], name: str
    ) -> object:
        """Return the new file, the path of the present picture, or an empty one to remove it."""
        new = files.get(name)
        if new is not None:
            return new
        return "" if f"{name}-remove" in data else data.get(f"{name}-present")

    def value_omitted_from_data(
        self, data: Mapping[str, object], files: Mapping[str, object], name: str
    ) -> bool:
        """Return False: what is not sent stays, by `store_icon`."""
        return False


class IconField(forms.Field):
    """A path of a stored picture; a file that is sent becomes one by `store_icon`."""

    widget = IconInput

    def bound_data(self, data: object, initial: object) -> object:
        """Return the path that the form shows when it comes back."""
        return getattr(data, "stored_path", data if isinstance(data, str) else initial)


def store_icon(value: object, *, present: str, login: int) -> str:
    """Return the path of an icon: of a new file, which is stored, or a stored picture's.

    None is what is not sent: then it is `present`.

    Raises:
        ValidationError: it is no picture, or cannot be stored.
    """
    if isinstance(value, UploadedFile):
        try:
            stored = store_picture(
                owner=login,
                purpose=Purpose.SYMBOL_ICON,
                original_name=str(value.name),
                picture=reencode(value.read()),
            )
        except BrokerError as error:
            raise ValidationError(error.message.removeprefix("file: ").capitalize()) from error
        value.stored_path = stored.path  # type: ignore[attr-defined]  # for IconField.bound_data
        return stored.path
    path = present if value is None else str(value)
    if path not in ("", present):
        picture = find_picture(path)
        if picture is None or picture.purpose != Purpose.SYMBOL_ICON or picture.path != path:
            raise ValidationError("This is no icon that was uploaded.")
    return path
