"""Where uploaded pictures are stored, as the settings say: Django's STORAGES."""

from collections.abc import Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

Storages = dict[str, dict[str, object]]
STATIC_FILES: dict[str, object] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}


def storage_settings(choice: str, folder: Path, s3: Mapping[str, str]) -> Storages:
    """Return STORAGES; `folder` is that of `local`, `s3` the options of `s3`.

    Raises:
        ImproperlyConfigured: `s3` without a bucket.
    """
    local: dict[str, object] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(folder), "base_url": None},
    }
    pictures = _s3_storage(s3) if choice == "s3" else local
    return {"default": local, "staticfiles": STATIC_FILES, "pictures": pictures}


def _s3_storage(options: Mapping[str, str]) -> dict[str, object]:
    """Return the settings of an S3-compatible storage, whose files stay private."""
    if not options["bucket_name"]:
        raise ImproperlyConfigured("PICTURE_STORAGE=s3 needs PICTURE_BUCKET")
    given = {name: value for name, value in options.items() if value}
    # A name is a new uuid: nothing is there that storing would have to ask for.
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"default_acl": None, "file_overwrite": True, **given},
    }
