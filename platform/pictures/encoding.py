"""Decodes a picture that somebody has sent, and encodes it anew, small and without metadata.

What it claims to be is read from its header first: a picture that would take too much memory
is refused before anything is decoded.
"""

import struct
import threading
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from pictures.errors import InvalidPicture

if TYPE_CHECKING:
    from PIL.Image import Image

MEGABYTE = 1024 * 1024
LARGEST_FILE = 5 * MEGABYTE  # bytes
MOST_PIXELS = 16 * MEGABYTE  # 4096 by 4096, or a photo of a telephone
TOO_MANY_PIXELS = f"file: has more than {MOST_PIXELS} pixels"
LONGEST_SIDE = 512  # pixels of what is stored
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
JPEG_QUALITY = 85
_one_at_a_time = threading.Lock()  # so that a process needs the memory of one picture only


class EncodedPicture(NamedTuple):
    """A picture's bytes and their media type."""

    content: bytes
    content_type: str


def reencode(content: bytes) -> EncodedPicture:
    """Return the picture, or the first frame of an animation, as a PNG or JPEG.

    Raises:
        InvalidPicture: it is too large, or none of FORMATS.
    """
    from PIL import Image  # only who uploads pays for it

    if len(content) > LARGEST_FILE:
        raise InvalidPicture("file: has more than 5 MB")
    _check_webp_size(content)
    with _one_at_a_time:
        try:
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                _check_pixels(image.width, image.height)
                return _encode(_shrink(image), was_jpeg=image.format == "JPEG")
        except InvalidPicture:
            raise
        except Image.DecompressionBombError as error:  # Pillow's own limit is higher
            raise InvalidPicture(TOO_MANY_PIXELS) from error
        except Exception as error:  # whatever a decoder raises on a broken file
            raise InvalidPicture from error


def _check_pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise InvalidPicture(TOO_MANY_PIXELS)


def _check_webp_size(content: bytes) -> None:
    """Refuse a large WebP by its header (RFC 9649): Pillow allocates it when it opens it."""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        return
    kind, head = content[12:16], content[20:30].ljust(10, b"\0")
    if kind == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (4, 7))
    elif kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", head[6:10]))
    _check_pixels(width, height)


def _shrink(image: "Image") -> "Image":
    """Return it upright, in RGB or RGBA, with at most LONGEST_SIDE pixels a side."""
    from PIL import Image, ImageOps

    image.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))  # JPEG: decodes it smaller at once
    mode = "RGBA" if image.has_transparency_data else "RGB"
    converted = image.convert(mode)
    converted.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    upright: Image.Image = ImageOps.exif_transpose(converted)
    upright.info.clear()  # colour profile, comments, place: nothing goes along
    return upright


def _encode(image: "Image", *, was_jpeg: bool) -> EncodedPicture:
    """Return a JPEG of a photo without transparency, else a PNG."""
    file = BytesIO()
    if was_jpeg:
        image.save(file, "JPEG", quality=JPEG_QUALITY, optimize=True)
        return EncodedPicture(file.getvalue(), "image/jpeg")
    image.save(file, "PNG", optimize=True)
    return EncodedPicture(file.getvalue(), "image/png")
