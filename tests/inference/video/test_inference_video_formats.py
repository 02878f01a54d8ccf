import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.errors import VideoError
from adaptive_style_tf.inference.video_formats import (
    VIDEO_SUFFIXES,
    container_format,
    is_sequence,
    is_video,
    sequence_picture,
    sequence_pictures,
)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("clip.mp4", "libx264"),
        ("clip.mov", "libx264"),
        ("clip.mkv", "libx264"),
        ("clip.webm", "libvpx-vp9"),
        ("clip.avi", "mpeg4"),
        ("clip.ts", "libx264"),
        ("clip.m2ts", "libx264"),
        ("clip.flv", "libx264"),
        ("clip.wmv", "mpeg4"),
        ("clip.mpg", "mpeg2video"),
        ("clip.m2v", "mpeg2video"),
        ("clip.ogv", "libvpx"),
        ("clip.h264", "libx264"),
        ("clip.hevc", "libx265"),
        ("clip.ivf", "libvpx-vp9"),
        ("clip.y4m", "rawvideo"),
        ("clip.mxf", "mpeg2video"),
    ],
)
def test_videos_are_known_by_their_content(
    make_video: Callable[..., Path], tmp_path: Path, name: str, codec: str
) -> None:
    path = make_video(name, codec=codec, sound=None, frames=8, time_base=Fraction(1, 25))
    assert is_video(path)
    assert is_video(path.rename(tmp_path / "holiday.jpg"))


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".gif", ".webp", ".tif", ".bmp", ".avif"])
def test_pictures_are_no_videos(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"picture{suffix}"
    Image.fromarray(np.full((16, 16, 3), 0x47, np.uint8)).save(path)
    assert not is_video(path.rename(tmp_path / "picture.mp4"))


@pytest.mark.parametrize("content", [b"", b"G", b"hello world\n" * 99, bytes(600)])
def test_other_files_are_no_videos(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert not is_video(path)


def test_what_is_not_there_is_no_video(tmp_path: Path) -> None:
    assert not is_video(tmp_path)
    assert not is_video(tmp_path / "a.mp4")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert not is_video(tmp_path / "pipe")


def test_a_pattern_is_a_video(tmp_path: Path) -> None:
    for name in ("frame_%04d.png", "%d.jpg", "a%3.png"):
        assert is_video(tmp_path / name) == is_sequence(tmp_path / name) == ("d" in name)
    assert not is_sequence(tmp_path / "%d_%d.png")
    (tmp_path / "100%d.png").touch()
    assert not is_sequence(tmp_path / "100%d.png")


def test_numbers_in_a_pattern(tmp_path: Path) -> None:
    assert sequence_picture(tmp_path / "f_%04d.png", 7) == tmp_path / "f_0007.png"
    assert sequence_picture(tmp_path / "f_%04d.png", 12345).name == "f_12345.png"
    assert sequence_picture(tmp_path / "%d.png", 7).name == "7.png"


def test_pictures_of_a_pattern_come_by_number(tmp_path: Path) -> None:
    names = ["f9.png", "f10.png", "f010.png", "f.png", "f11.jpg", "fx.png", "f²2.png", "g1.png"]
    for name in names:
        (tmp_path / name).touch()
    found = sequence_pictures(tmp_path / "f%d.png")
    assert list(found.items()) == [(9, tmp_path / "f9.png"), (10, tmp_path / "f10.png")]
    assert list(sequence_pictures(tmp_path / "f%03d.png")) == [10]


def test_the_suffix_decides_the_format() -> None:
    assert container_format(Path("a.MP4")) == "mp4"
    with pytest.raises(VideoError, match=r"\.mp4, \.m4v, \.mov, \.mkv, \.webm"):
        container_format(Path("a.avi"))
    assert ".webm" in VIDEO_SUFFIXES
