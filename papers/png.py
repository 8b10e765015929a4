"""PNG of 8-bit pixels (ISO/IEC 15948), packed fast rather than small: a page that somebody waits for."""

import struct
import zlib

_GREY, _RGB = 0, 2  # colour types
_FAST = 1


def write_png(samples: bytes | memoryview, width: int, height: int, channels: int) -> bytes:
    """The PNG of pixels row by row without gaps; `channels` is 1 (grey) or 3 (RGB)."""
    row = width * channels
    packer = zlib.compressobj(_FAST)
    parts = []
    for y in range(height):
        parts.append(packer.compress(b"\0" + bytes(samples[y * row : (y + 1) * row])))  # no filter
    parts.append(packer.flush())
    header = struct.pack(">IIBBBBB", width, height, 8, _RGB if channels == 3 else _GREY, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", b"".join(parts)) + _chunk(b"IEND", b"")


def make_blank(width: int, height: int) -> bytes:
    """White."""
    return write_png(b"\xff" * (width * height), width, height, 1)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
