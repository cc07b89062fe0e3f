"""The broker's name, logo and colour are on every page, and the colour can be read."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings

from accounts.models import User
from backoffice.site import branding

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PUBLIC = ("/", "/docs", "/docs/stream", "/docs/codes", "/admin/login/")


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    path = tmp_path / "logo.svg"
    path.write_text(SVG)
    return path


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*PUBLIC, "/admin/", "/admin/nope/"])
def test_the_brand_is_on_every_page(path: str, logo: Path, admin: User) -> None:
    client = Client()
    if path not in PUBLIC:
        client.force_login(admin)
    with override_settings(BRAND_NAME="Nord & Co", BRAND_LOGO=str(logo), BRAND_COLOR="#0f766e"):
        page = client.get(path).content.decode()
    assert "Nord &amp; Co" in page
    assert 'src="/brand/logo"' in page
    assert '<link rel="stylesheet" href="/brand/colors.css">' in page.replace(
        '<link href="/brand/colors.css" rel="stylesheet">',
        '<link rel="stylesheet" href="/brand/colors.css">',
    )
    assert "Broker platform" not in page


def test_the_logo_is_served_without_what_a_document_may_do(logo: Path, client: Client) -> None:
    with override_settings(BRAND_LOGO=str(logo)):
        answer = client.get("/brand/logo")
        assert client.get("/favicon.ico")["Location"] == "/brand/logo"
    assert (answer["Content-Type"], answer.content.decode()) == ("image/svg+xml", SVG)
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "sandbox" in answer["Content-Security-Policy"]
    assert client.get("/brand/logo").status_code == 404


def test_without_a_logo_the_icon_is_ours(client: Client) -> None:
    icon = client.get("/favicon.ico")["Location"]
    assert client.get(icon)["Content-Type"] == "image/svg+xml"
    assert client.get("/brand/colors.css").content == b":root{}"


@pytest.mark.parametrize(
    "color", ["#000000", "#ffffff", "#ffe600", "#0f766e", "#7f1d1d", "#2563eb"]
)
def test_every_colour_can_be_read_on_light_and_dark_pages(color: str, client: Client) -> None:
    shades = {weight: branding.parse_color(c) for weight, c in branding.make_shades(color).items()}
    for weight in (600, 700, 800, 900, 950):
        assert branding.contrast(branding.WHITE, shades[weight]) >= branding.CONTRAST - 0.05
    for weight in (50, 100, 200, 300, 400, 500):
        assert branding.contrast(branding.DARK_PAGE, shades[weight]) >= branding.CONTRAST - 0.05
    with override_settings(BRAND_COLOR=color):
        assert b"--color-primary-600:#" in client.get("/brand/colors.css").content


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert branding.make_shades("#2563eb")[600] == "#2563eb"


@pytest.mark.parametrize("value", ["red", "#12345", "#12345g", "2563eb", "#2563eb;}"])
def test_what_is_no_colour_stops_the_start(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="BRAND_COLOR"):
        branding.check_color(value)


def test_a_logo_that_cannot_be_served_stops_the_start(tmp_path: Path, logo: Path) -> None:
    page, large = tmp_path / "logo.html", tmp_path / "logo.png"
    page.write_text("<p>")
    large.write_bytes(b"x" * (branding.LOGO_MAX_BYTES + 1))
    for path in (page, large, tmp_path / "no.svg"):
        with pytest.raises(ImproperlyConfigured, match="BRAND_LOGO"):
            branding.check_logo(str(path))
    assert branding.check_logo(str(logo)) == str(logo)


def test_the_sender_of_mails_has_the_name() -> None:
    assert branding.name_sender("a@b.c", "Nord & Co") == "Nord & Co <a@b.c>"
    assert branding.name_sender("Desk <a@b.c>", "Nord") == "Desk <a@b.c>"
    assert branding.name_sender("a@b.c", branding.DEFAULT_NAME) == "a@b.c"
