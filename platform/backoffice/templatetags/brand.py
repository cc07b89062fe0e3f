"""Template tags of the broker's brand, `{% load brand %}`."""

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.site.brand_files import icon_type, icon_url

register = template.Library()


@register.simple_tag
def brand_name() -> str:
    """Return the broker's name."""
    return str(settings.BRAND_NAME)


@register.simple_tag
def brand_head() -> SafeString:
    """Return the links of a page's head: the icon, and the colours where they are set."""
    icon = format_html('<link rel="icon" href="{}" type="{}">', icon_url(), icon_type())
    if not settings.BRAND_COLOR:
        return icon
    colors = reverse("brand_colors")
    return format_html('{}\n<link rel="stylesheet" href="{}">', icon, colors)


@register.simple_tag
def brand_logo() -> SafeString:
    """Return the logo as an image, nothing where there is none; the name stands beside it."""
    if not settings.BRAND_LOGO:
        return SafeString()
    return format_html('<img class="brand-logo" src="{}" alt="" height="32">', icon_url())
