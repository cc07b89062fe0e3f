"""What clients change of their own profile: contact data, avatar and colour."""

from django.conf import settings

from accounts.models import Account, User
from core.errors import InvalidUser
from core.locks import transactional
from pictures.encoding import EncodedPicture
from pictures.errors import InvalidPicture
from pictures.models import Purpose, StoredPicture
from pictures.services import delete_pictures, find_picture, store_picture

MOST_AVATARS = 10  # pictures of one login that are kept, beside the one in use


@transactional
def update_profile(*, login: int, changes: dict[str, str]) -> User:
    """Change fields of the user's profile; an `avatar` is a reference to an own upload.

    Raises:
        InvalidUser: there is no such user.
        InvalidPicture: the avatar is no picture that this login has uploaded.
    """
    user = User.objects.locked(login)
    if user is None:
        raise InvalidUser
    if changes.get("avatar") and changes["avatar"] != user.avatar:
        changes = {**changes, "avatar": _find_avatar(login, changes["avatar"]).path}
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=list(changes))
    return user


def _find_avatar(login: int, reference: str) -> StoredPicture:
    """Return the picture of a reference; an address of one of our own hosts is one as well."""
    for host in settings.ALLOWED_HOSTS:
        for scheme in ("https://", "http://"):
            reference = reference.removeprefix(f"{scheme}{host}")
    picture = find_picture(reference)
    if picture is None or (picture.owner, picture.purpose) != (login, Purpose.ACCOUNT_AVATAR):
        raise InvalidPicture("avatar: must be a picture that was uploaded by /upload")
    return picture


@transactional
def upload_avatar(*, login: int, original_name: str, picture: EncodedPicture) -> StoredPicture:
    """Store a picture that may become the client's avatar; old ones that are not are deleted.

    Raises:
        Unavailable: the storage does not work.
    """
    account = Account.objects.locked(login)  # so that the number holds
    avatar: str = account.user.avatar
    purpose = Purpose.ACCOUNT_AVATAR
    stored = store_picture(
        owner=login, purpose=purpose, original_name=original_name, picture=picture
    )
    newest_first = StoredPicture.objects.filter(owner=login, purpose=purpose).order_by("-created")
    others = newest_first.exclude(pk=stored.pk).defer("content")
    unused = [row for row in others if row.path != avatar]
    delete_pictures(unused[MOST_AVATARS - 1 :])
    return stored
