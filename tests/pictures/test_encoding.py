"""Pictures are decoded and encoded anew, and what is too large is not decoded at all."""

import struct
from io import BytesIO
from random import Random

import pytest
from PIL import Image

from pictures.encoding import LARGEST_FILE, LONGEST_SIDE, reencode
from pictures.errors import InvalidPicture
from tests.pictures.samples import png, webp_header


def decoded(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


def encoded(
    kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 20), **options: object
) -> bytes:
    file = BytesIO()
    Image.new(mode, size, 120 if mode in "LP" else (200, 10, 10, 128)[: len(mode)]).save(
        file, kind, **options
    )
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (encoded("PNG"), "image/png"),
        (encoded("PNG", "RGBA"), "image/png"),
        (encoded("PNG", "P"), "image/png"),
        (encoded("PNG", "L"), "image/png"),
        (encoded("JPEG"), "image/jpeg"),
        (encoded("JPEG", "CMYK"), "image/jpeg"),
        (encoded("JPEG", progressive=True), "image/jpeg"),
        (encoded("WEBP"), "image/png"),
        (encoded("WEBP", "RGBA", lossless=True), "image/png"),
        (encoded("GIF", "P"), "image/png"),
    ],
    ids=range(10),
)
def test_each_format_becomes_a_png_or_jpeg(content: bytes, media_type: str) -> None:
    found = reencode(content)
    assert found.content_type == media_type
    picture = decoded(found.content)
    assert picture.size == (40, 20)
    assert picture.mode in ("RGB", "RGBA")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_large_picture_is_made_small_in_its_proportions(kind: str) -> None:
    picture = decoded(reencode(encoded(kind, size=(2400, 1200))).content)
    assert picture.size == (LONGEST_SIDE, LONGEST_SIDE // 2)


def test_metadata_does_not_go_along_and_the_picture_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "taken at home"
    sent = encoded("JPEG", exif=exif, comment=b"taken at home", icc_profile=b"taken at home")
    assert b"taken at home" in sent
    found = reencode(sent).content
    assert b"taken at home" not in found
    assert decoded(found).size == (20, 40)
    assert not decoded(found).getexif()
    assert b"taken at home" not in reencode(png()).content


def test_an_animation_becomes_its_first_frame() -> None:
    file = BytesIO()
    frames = [Image.new("P", (8, 8), color) for color in (1, 2)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    assert getattr(decoded(reencode(file.getvalue()).content), "n_frames", 1) == 1


SIDES = struct.pack("<HH", 0x3FFF, 0x3FFF)
BOMBS = {
    "png": png(claimed=(60_000, 60_000)),
    "a long strip": png(claimed=(2**31 - 1, 1)),
    "gif": b"GIF89a"
    + struct.pack("<HHBBB", 65_000, 65_000, 0, 0, 0)
    + b"\x2c"
    + bytes(9)
    + b"\x02",
    "webp extended": webp_header(b"VP8X", bytes(4) + b"\xff\xff\xff" * 2),
    "webp lossless": webp_header(b"VP8L", b"\x2f\xff\xff\xff\x0f"),
    "webp lossy": webp_header(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + SIDES),
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=list(BOMBS))
def test_a_pixel_bomb_is_refused_by_its_header(content: bytes) -> None:
    with pytest.raises(InvalidPicture, match="pixels"):
        reencode(content)


NO_PICTURES = {
    "nothing": b"",
    "text": b"hello",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<html><script>alert(1)</script></html>",
    "bmp": encoded("BMP"),
    "tiff": encoded("TIFF"),
    "ico": encoded("ICO", size=(16, 16)),
    "broken off": encoded("JPEG", size=(400, 400))[:300],
    "a png's beginning": png()[:40],
    "a webp's beginning": webp_header(b"VP8X", b""),
    "riff": b"RIFF\0\0\0\0WEBP",
    "gif's beginning": b"GIF89a",
}


@pytest.mark.parametrize("content", NO_PICTURES.values(), ids=list(NO_PICTURES))
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidPicture):
        reencode(content)


def test_a_file_of_more_than_5_mb_is_refused() -> None:
    with pytest.raises(InvalidPicture, match="5 MB"):
        reencode(png() + bytes(LARGEST_FILE))


def test_a_damaged_picture_is_encoded_or_refused_and_nothing_else() -> None:
    random = Random(7)
    originals = [encoded(kind, size=(30, 30)) for kind in ("PNG", "JPEG", "WEBP", "GIF")]
    for _ in range(200):
        damaged = bytearray(random.choice(originals))
        for _ in range(random.randint(1, 8)):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        try:
            assert max(decoded(reencode(bytes(damaged)).content).size) <= LONGEST_SIDE
        except InvalidPicture:
            continue
