"""Pictures and forms to send, made by hand."""

import struct
import zlib

BOUNDARY = "b0undary"
FORM = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 2, height: int = 2, claimed: tuple[int, int] | None = None) -> bytes:
    """Return a red PNG, that may claim another size."""
    head = struct.pack(">IIBBBBB", *(claimed or (width, height)), 8, 2, 0, 0, 0)
    lines = zlib.compress((b"\0" + b"\xff\0\0" * width) * height)
    text = png_chunk(b"tEXt", b"Comment\0taken at home")
    chunks = png_chunk(b"IHDR", head) + text + png_chunk(b"IDAT", lines) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def webp_header(kind: bytes, data: bytes) -> bytes:
    """Return the beginning of a WebP file."""
    chunk = kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def form(*parts: tuple[str, str | bytes], name: str = "me.png") -> bytes:
    """Return a multipart form; bytes are a file of this name."""
    body = b""
    for field, value in parts:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"'
        if isinstance(value, bytes):
            body += f'{head}; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'.encode()
            body += value + b"\r\n"
        else:
            body += f"{head}\r\n\r\n{value}\r\n".encode()
    return body + f"--{BOUNDARY}--\r\n".encode()


def avatar_form(content: bytes | None = None, name: str = "me.png") -> bytes:
    """Return the form that uploads an avatar."""
    return form(
        ("purpose", "account_avatar"), ("file", png() if content is None else content), name=name
    )
