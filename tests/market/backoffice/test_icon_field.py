"""A symbol's icon is uploaded, kept and removed in its form."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from market.models import Symbol
from pictures.models import Purpose, StoredPicture
from tests.backoffice.fixtures import Browser, browser
from tests.backoffice.forms import submit
from tests.pictures.samples import png

__all__ = ["browser"]  # the fixture
URL = "/admin/market/symbol/EURUSD/change/"


@pytest.fixture(autouse=True)
def in_the_database(settings: Any) -> None:
    settings.PICTURE_STORAGE = "database"


def file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("icon.png", content, "image/png")


def icon() -> str:
    return Symbol.objects.get().icon


def test_an_uploaded_icon_is_shown_kept_and_removed(
    browser: Browser, dan: User, eurusd: Symbol
) -> None:
    client = browser(dan)
    drawn = '<img src="/icons/EUR-USD.svg"'
    assert drawn in client.get("/admin/market/symbol/").content.decode()
    submit(client, URL, icon=file(png()))
    stored = StoredPicture.objects.get()
    assert (icon(), stored.owner, stored.purpose) == (stored.path, dan.pk, Purpose.SYMBOL_ICON)
    assert client.get(stored.path).content.startswith(b"\x89PNG")
    for page in (URL, "/admin/market/symbol/"):
        assert f'<img src="{stored.path}"' in client.get(page).content.decode()
    submit(client, URL, description="changed")
    assert icon() == stored.path
    submit(client, URL, **{"icon-remove": "on"})
    assert icon() == ""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"icon": file(b"<svg/>")}, "Must be a picture"),
        ({"icon": file(png(claimed=(50_000, 50_000)))}, "pixels"),
        ({"icon-present": "https://elsewhere.example/a.png"}, "no icon"),
        ({"icon-present": "/storage/7"}, "no icon"),
    ],
    ids=str,
)
def test_a_bad_icon_is_an_error_at_the_field(
    browser: Browser, dan: User, eurusd: Symbol, change: dict[str, Any], says: str
) -> None:
    with pytest.raises(AssertionError, match=says) as refused:
        submit(browser(dan), URL, **change)
    assert '"icon"' in str(refused.value)
    assert icon() == ""
    assert not StoredPicture.objects.exists()


def test_an_icon_outlives_the_preview_of_the_same_form(
    browser: Browser, dan: User, eurusd: Symbol
) -> None:
    client = browser(dan)
    form = client.get(URL).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    filled = {name: value for name, value in values.items() if value not in (None, "", False)}
    broken = {**filled, "tick_size": "0.000015"}
    page = client.post(URL, {**broken, "icon": file(png())}).content.decode()
    path = StoredPicture.objects.get().path
    assert f'name="icon-present" value="{path}"' in page
    submit(client, URL, **{"icon-present": path})
    assert icon() == path


def test_a_client_cannot_use_an_avatar_as_an_icon(
    browser: Browser, dan: User, eurusd: Symbol
) -> None:
    avatar = StoredPicture.objects.create(
        owner=5, purpose=Purpose.ACCOUNT_AVATAR, content_type="image/png", size=1, created=1
    )
    with pytest.raises(AssertionError, match="no icon"):
        submit(browser(dan), URL, **{"icon-present": avatar.path})
