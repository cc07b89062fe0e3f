"""Stores, finds and deletes pictures, in the database or in the storage of the settings."""

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction

from core.clock import now
from core.errors import NotFound, Unavailable
from core.locks import transactional
from pictures.encoding import EncodedPicture
from pictures.models import FILE_PATTERN, STORAGE_FOLDER, Purpose, StoredPicture

log = logging.getLogger(__name__)


def picture_storage() -> Storage:
    """Return the storage of pictures that are not in the database."""
    return storages["pictures"]


@contextmanager
def reached_storage() -> Iterator[None]:
    """Turn errors of the storage into an answer: it is a server behind us, or a disk.

    Raises:
        NotFound: it has no such file.
        Unavailable: it does not work.
    """
    try:
        yield
    except FileNotFoundError:
        raise NotFound from None
    except Exception as error:  # each kind of storage has errors of its own
        log.warning("the storage of pictures failed: %s", error)
        raise Unavailable from error


@transactional
def store_picture(
    *, owner: int, purpose: Purpose, original_name: str, picture: EncodedPicture
) -> StoredPicture:
    """Store a picture that was encoded anew; `owner` is the login of who uploads it.

    Raises:
        Unavailable: the storage does not work.
    """
    row = StoredPicture(
        owner=owner,
        purpose=purpose,
        original_name=original_name[:255],
        content_type=picture.content_type,
        size=len(picture.content),
        created=now(),
    )
    if settings.PICTURE_STORAGE == "database":
        row.content = picture.content
    else:
        with reached_storage():  # a file without its row is never served
            picture_storage().save(row.file_name, ContentFile(picture.content))
    row.save(force_insert=True)
    return row


def read_picture(row: StoredPicture) -> bytes:
    """Return the picture's bytes, wherever they are.

    Raises:
        NotFound: the storage has lost it.
        Unavailable: the storage does not work.
    """
    if row.content is not None:
        return bytes(row.content)
    with reached_storage(), picture_storage().open(row.file_name) as file:
        content: bytes = file.read()
    return content


def find_picture(reference: str) -> StoredPicture | None:
    """Return the picture of a uuid, file name or path, None where there is none."""
    found = re.fullmatch(FILE_PATTERN, reference.removeprefix(STORAGE_FOLDER))
    return StoredPicture.objects.filter(pk=found[1]).first() if found else None


def delete_pictures(pictures: Iterable[StoredPicture]) -> None:
    """Delete pictures, and after the commit their files, if they have any."""
    names = {row.pk: row.file_name for row in pictures}
    StoredPicture.objects.filter(pk__in=names).delete()
    for name in names.values():
        transaction.on_commit(partial(picture_storage().delete, name), robust=True)
