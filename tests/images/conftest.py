"""Pictures to read, of every kind: some are written by hand, as no library writes them."""

import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def quadrants() -> np.ndarray:
    """Four flat quadrants of different colors: survives JPEG and shows every orientation."""
    picture = np.zeros((32, 48, 3), np.uint8)
    picture[:16, :24] = (200, 40, 30)
    picture[:16, 24:] = (30, 180, 60)
    picture[16:, :24] = (40, 60, 220)
    picture[16:, 24:] = (240, 230, 120)
    return picture


@pytest.fixture(scope="session")
def save() -> Callable[..., Path]:
    def save(path: Path, picture: Any, **options: Any) -> Path:
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        image.save(path, **options)
        return path

    return save


@pytest.fixture(scope="session")
def png_chunk() -> Callable[[bytes, bytes], bytes]:
    return _png_chunk


@pytest.fixture(scope="session")
def png_bytes() -> Callable[..., bytes]:
    return _png_bytes


@pytest.fixture(scope="session")
def tiff_bytes() -> Callable[..., bytes]:
    return _tiff_bytes


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png_bytes(
    width: int,
    height: int,
    depth: int,
    color_type: int,
    samples: Sequence[bytes],
    extra: bytes = b"",
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    rows = b"".join(b"\0" + row for row in samples)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _png_chunk(b"IHDR", header)
        + extra
        + _png_chunk(b"IDAT", zlib.compress(rows))
        + _png_chunk(b"IEND", b"")
    )


def _tiff_bytes(
    samples: np.ndarray, photometric: int, bits: int = 16, sample_format: int = 1
) -> bytes:
    """A plain little-endian TIFF of one strip, written by hand from the TIFF 6.0 specification."""
    height, width = samples.shape[:2]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    pixels = samples.tobytes()
    entries = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, channels, bits),
        (259, 3, 1, 1),
        (262, 3, 1, photometric),
        (273, 4, 1, 8),
        (277, 3, 1, channels),
        (278, 3, 1, height),
        (279, 4, 1, len(pixels)),
        (339, 3, 1, sample_format),
    ]
    directory_at = 8 + len(pixels)
    bits_at = directory_at + 2 + 12 * len(entries) + 4
    if channels > 1:
        entries[2] = (258, 3, channels, bits_at)
    out = struct.pack("<2sHI", b"II", 42, directory_at) + pixels + struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        short = kind == 3 and count == 1
        out += struct.pack("<HHI", tag, kind, count)
        out += struct.pack("<HH", value, 0) if short else struct.pack("<I", value)
    return out + struct.pack("<I", 0) + struct.pack("<H", bits) * channels
