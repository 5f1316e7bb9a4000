"""Makes screenshots small enough for a repository: few colours instead of millions, without another library."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_COLOURS = 128
Colour = tuple[int, int, int]


def shrink(png: bytes) -> bytes:
    """Return a screenshot as a PNG with a palette. Takes 8-bit RGB or RGBA without interlacing, as Chromium writes."""
    width, height, rows = _read(png)
    counted = Counter(colour for row in rows for colour in row)
    palette = [colour for colour, _ in counted.most_common(MOST_COLOURS)]
    nearest = {colour: _nearest(colour, palette) for colour in counted}
    lines = b"".join(b"\0" + bytes(nearest[colour] for colour in row) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = [
        (b"IHDR", header),
        (b"PLTE", bytes(part for colour in palette for part in colour)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    ]
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _nearest(colour: Colour, palette: list[Colour]) -> int:
    distances = [sum((a - b) ** 2 for a, b in zip(colour, other, strict=True)) for other in palette]
    return distances.index(min(distances))


def _read(png: bytes) -> tuple[int, int, list[list[Colour]]]:
    data, at = b"", len(SIGNATURE)
    width = height = channels = 0
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour_type, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert (depth, interlaced) == (8, 0)
            channels = {2: 3, 6: 4}[colour_type]
        elif kind == b"IDAT":
            data += body
        at += 12 + length
    return width, height, list(_rows(zlib.decompress(data), width * channels, channels))


def _rows(data: bytes, stride: int, step: int) -> Iterator[list[Colour]]:
    """Undo the filters (https://www.w3.org/TR/png/#9Filters) and yield the colours, a little coarser than they were."""
    above = bytearray(stride)
    for start in range(0, len(data), stride + 1):
        row = bytearray(data[start + 1 : start + 1 + stride])
        _unfilter(data[start], row, above, step)
        above = row
        yield [(row[i] & 0xFE, row[i + 1] & 0xFE, row[i + 2] & 0xFE) for i in range(0, stride, step)]


def _unfilter(kind: int, row: bytearray, above: bytearray, step: int) -> None:
    for i in range(len(row) if kind else 0):
        left, corner = (row[i - step], above[i - step]) if i >= step else (0, 0)
        guesses = (0, left, above[i], (left + above[i]) // 2, _paeth(left, above[i], corner))
        row[i] = (row[i] + guesses[kind]) & 0xFF


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))
