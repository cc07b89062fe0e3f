"""Uploads, their storages, and the profile that uses them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Account, User
from accounts.services.profile import MOST_AVATARS
from pictures.models import StoredPicture
from pictures.storage_settings import storage_settings
from tests.conftest import Signed, error_of
from tests.pictures.samples import FORM, avatar_form, form, png

UNKNOWN = "9b2f0f6c-3f5e-4a53-8f0c-6f0b6f1d2c11"  # uuid of no picture
BOTH_PLACES = pytest.mark.parametrize("place", ["local", "database"])


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Pictures go into this folder."""
    settings.PICTURE_STORAGE = "local"
    handler: Any = storages  # Django's test receiver knows only `default`
    settings.STORAGES = storage_settings("local", tmp_path, {})
    handler._storages.clear()
    yield tmp_path
    handler._storages.clear()


def upload(client: APIClient, body: bytes | None = None, **headers: str) -> Any:
    """Send a form; an avatar if none is given."""
    sent: Any = avatar_form() if body is None else body
    return client.generic("POST", "/upload", sent, FORM["content-type"], headers=headers)


def uploaded(client: APIClient, body: bytes | None = None) -> dict[str, Any]:
    """Return what the answer says of the picture."""
    answer = upload(client, body)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()["uploaded"][0]
    return found


@BOTH_PLACES
def test_an_uploaded_picture_is_served_to_everybody_with_a_long_cache(
    signed_in: Signed, alice: Account, anonymous: APIClient, settings: Any, place: str
) -> None:
    settings.PICTURE_STORAGE = place
    found = uploaded(signed_in(alice), avatar_form(png(3, 5), name="../ä b.png"))
    assert found | {"uuid": "", "file_name": "", "file_size": 0} == {
        "uuid": "", "file_name": "", "file_size": 0, "original_name": "ä b.png",
        "content_type": "image/png", "scope": 3, "purpose": "account_avatar",
    }  # fmt: skip
    assert found["file_name"] == f"{found['uuid']}.png"
    for path in (found["uuid"], found["file_name"], f"{found['uuid']}.jpg", f"{found['uuid']}/"):
        answer = anonymous.get(f"/storage/{path}")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert len(answer.content) == found["file_size"]
        assert answer.content.startswith(b"\x89PNG")
        assert b"at home" not in answer.content


@pytest.mark.parametrize("name", ["x", "1", "../../etc/passwd", "%2e%2e", UNKNOWN, "a.png"])
def test_an_unknown_picture_is_not_found(anonymous: APIClient, db: None, name: str) -> None:
    assert error_of(anonymous.get(f"/storage/{name}")) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (avatar_form(b"<svg/>"), "INVALID_AVATAR"),
        (avatar_form(png(claimed=(50_000, 50_000))), "INVALID_AVATAR"),
        (avatar_form(png() + bytes(5 * 2**20)), "INVALID_AVATAR"),
        (avatar_form(png() + bytes(6 * 2**20)), "INVALID_AVATAR"),
        (avatar_form(b""), "INVALID_DATA"),
        (form(("purpose", "account_avatar")), "INVALID_DATA"),
        (form(("file", png())), "INVALID_DATA"),
        (form(("purpose", "symbol_icon"), ("file", png())), "INVALID_DATA"),
        (form(("purpose", "account_avatar"), ("file", "text")), "INVALID_DATA"),
        (form(("purpose", png()), ("file", png())), "INVALID_DATA"),
        (form(("purpose", "account_avatar"), ("file", png()), ("file", png())), "INVALID_DATA"),
        (form(("purpose", "account_avatar"), ("file", png()), ("owner", "1")), "INVALID_DATA"),
        (form(*[(f"f{n}", "x") for n in range(1100)]), "INVALID_DATA"),
        (b"--other--", "INVALID_DATA"),
        (b"", "INVALID_DATA"),
    ],
    ids=range(15),
)
def test_a_bad_form_is_refused_and_stores_nothing(
    signed_in: Signed, alice: Account, folder: Path, body: bytes, code: str
) -> None:
    assert error_of(upload(signed_in(alice), body)) == (400, code)
    assert not StoredPicture.objects.exists()
    assert not list(folder.iterdir())


def test_only_clients_upload_and_only_for_themselves(
    signed_in: Signed, alice: Account, dan: User, anonymous: APIClient
) -> None:
    other = form(("purpose", "account_avatar"), ("file", png()), ("login", "100002"))
    assert error_of(upload(signed_in(alice), other)) == (403, "PERMISSION_DENIED")
    assert error_of(upload(signed_in(dan))) == (403, "PERMISSION_DENIED")
    assert error_of(upload(anonymous)) == (401, "PERMISSION_DENIED")
    own = form(("purpose", "account_avatar"), ("file", png()), ("login", str(alice.login)))
    assert upload(signed_in(alice), own).status_code == 200


def test_a_repeat_with_the_same_key_stores_one_picture(signed_in: Signed, alice: Account) -> None:
    large = avatar_form(png() + bytes(3 * 2**20))  # larger than a JSON body may be
    first, again = (upload(signed_in(alice), large, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert first.content == again.content
    assert again.headers["Idempotent-Replay"] == "true"
    assert StoredPicture.objects.count() == 1


def test_uploads_are_counted(signed_in: Signed, alice: Account, settings: Any) -> None:
    settings.LIMIT_UPLOAD = 2
    statuses = [upload(signed_in(alice)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


@BOTH_PLACES
def test_old_pictures_go_but_never_the_avatar(
    signed_in: Signed,
    alice: Account,
    folder: Path,
    settings: Any,
    place: str,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.PICTURE_STORAGE = place
    client = signed_in(alice)
    first = uploaded(client)["uuid"]
    assert client.put("/account/me", {"avatar": first}).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        last = [uploaded(client)["uuid"] for _ in range(MOST_AVATARS + 2)]
    kept = {str(row.uuid) for row in StoredPicture.objects.all()}
    assert len(kept) == MOST_AVATARS + 1
    assert {first, last[-1]} <= kept
    files = {path.stem for path in folder.iterdir()}
    assert files == (kept if place == "local" else set())


@pytest.mark.parametrize(
    "as_sent",
    ["{uuid}", "{file_name}", "/storage/{file_name}", "https://broker.example/storage/{uuid}"],
)
def test_an_avatar_is_any_reference_to_an_own_upload(
    signed_in: Signed, alice: Account, settings: Any, as_sent: str
) -> None:
    settings.ALLOWED_HOSTS = ["broker.example", "testserver"]
    client = signed_in(alice)
    found = uploaded(client)
    answer = client.put("/account/me", {"avatar": as_sent.format(**found)})
    assert answer.json()["avatar"] == f"/storage/{found['file_name']}"
    assert client.get("/account/me").json()["avatar"] == answer.json()["avatar"]
    assert client.put("/account/profile", {"avatar": answer.json()["avatar"]}).status_code == 200
    assert client.put("/account/profile", {"avatar": ""}).json()["avatar"] == ""


def test_an_avatar_is_nothing_else(signed_in: Signed, alice: Account, bob: Account) -> None:
    foreign = uploaded(signed_in(bob))["uuid"]
    for avatar in (
        foreign, UNKNOWN, "https://elsewhere.example/a.png", "javascript:alert(1)", "x" * 4096,
        f"https://elsewhere.example/storage/{foreign}", "/etc/passwd",
    ):  # fmt: skip
        answer = signed_in(alice).put("/account/me", {"avatar": avatar})
        assert error_of(answer) == (400, "INVALID_AVATAR")
    assert signed_in(alice).get("/account/me").json()["avatar"] == ""


def test_a_storage_that_fails_is_unavailable(
    signed_in: Signed, alice: Account, anonymous: APIClient, folder: Path
) -> None:
    found = uploaded(signed_in(alice))
    (folder / found["file_name"]).unlink()
    assert error_of(anonymous.get(f"/storage/{found['uuid']}")) == (404, "NOT_FOUND")
    folder.rmdir()
    folder.write_text("no folder")
    assert error_of(upload(signed_in(alice))) == (503, "UNAVAILABLE")
    assert error_of(anonymous.get(f"/storage/{found['uuid']}")) == (503, "UNAVAILABLE")
    assert StoredPicture.objects.count() == 1


def test_s3_is_configured_by_variables(settings: Any, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="PICTURE_BUCKET"):
        storage_settings("s3", tmp_path, settings.S3)
    options = {"bucket_name": "broker", "endpoint_url": "https://s3.example"}
    configured = storage_settings("s3", tmp_path, {**settings.S3, **options})["pictures"]
    storage: Any = storages.create_storage(configured)
    assert (storage.bucket_name, storage.endpoint_url) == ("broker", "https://s3.example")


def test_a_picture_costs_one_query(signed_in: Signed, alice: Account, anonymous: APIClient) -> None:
    found = uploaded(signed_in(alice))
    with CaptureQueriesContext(connection) as captured:
        assert anonymous.get(f"/storage/{found['uuid']}").status_code == 200
    assert sum(str(query["sql"]).startswith("SELECT") for query in captured) == 1
