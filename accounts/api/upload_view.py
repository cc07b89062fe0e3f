"""The upload of pictures by clients."""

from typing import ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services.profile import upload_avatar
from api.input import Input
from api.input_fields import TextField
from api.schema.operation import object_schema, operation
from api.viewsets import ApiViewSet
from core.errors import Denied, Unavailable
from pictures.encoding import reencode
from pictures.errors import InvalidPicture
from pictures.models import Purpose
from pictures.upload_parser import UploadParser

PRIVATE_SCOPE = 3  # the only one of the contract
UPLOADED_SCHEMA = object_schema(
    **dict.fromkeys(("uuid", "file_name", "original_name", "content_type"), "string"),
    file_size="integer",
    scope={"type": "integer", "const": PRIVATE_SCOPE},
    purpose={"type": "string", "const": Purpose.ACCOUNT_AVATAR.value},
)
RESPONSE_SCHEMA = object_schema(
    uploaded={"type": "array", "items": UPLOADED_SCHEMA, "minItems": 1, "maxItems": 1}
)


class PurposeField(TextField):
    """What clients upload pictures for: `account_avatar`."""

    def to_internal_value(self, data: object) -> str:
        value = super().to_internal_value(data)
        if value != Purpose.ACCOUNT_AVATAR:
            raise serializers.ValidationError(f"must be {Purpose.ACCOUNT_AVATAR}")
        return value


class UploadInput(Input):
    """A picture, as a form with a file."""

    example: ClassVar = {"purpose": "account_avatar", "file": "avatar.png"}
    purpose = PurposeField(help_text="account_avatar")
    file = serializers.FileField(help_text="png, jpg, webp or gif, at most 5 MB")


class UploadViewSet(ApiViewSet):
    """Pictures that clients upload."""

    tag = "Account"
    parser_classes = (UploadParser,)
    limits = ("address", "upload")

    @operation(
        "Upload a picture",
        request=UploadInput,
        response=RESPONSE_SCHEMA,
        errors=(InvalidPicture, Denied, Unavailable),
    )
    def upload(self, request: Request) -> Response:
        """Stored as it is decoded and encoded anew, without metadata, at most 512 pixels a side.

        `/storage/{uuid}` serves it; `PUT /account/me` with `avatar` makes it the avatar.
        """
        account, data = self.require_own_account(), self.validated()
        file = data["file"]
        stored = upload_avatar(
            login=account.login, original_name=file.name, picture=reencode(file.read())
        )
        uploaded = {
            "uuid": str(stored.uuid),
            "file_name": stored.file_name,
            "original_name": stored.original_name,
            "content_type": stored.content_type,
            "file_size": stored.size,
            "scope": PRIVATE_SCOPE,
            "purpose": stored.purpose,
        }
        return Response({"uploaded": [uploaded]})
