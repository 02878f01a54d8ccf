"""Sources that are damaged, missing or no videos: clear words, and nothing half-done."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from adaptive_style_tf.errors import VideoError
from adaptive_style_tf.inference.video import stylize_video

Stylize = Callable[[np.ndarray], np.ndarray]


def cut(path: Path, share: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    return path


def zeroed(path: Path, part: tuple[int, int] | None = None) -> Path:
    data = bytearray(path.read_bytes())
    begin, end = part or (2 * len(data) // 3, len(data))
    data[begin:end] = bytes(end - begin)
    path.write_bytes(data)
    return path


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def sound_only(path: Path, with_cover: bool = False) -> Path:
    with av.open(str(path), "w", format="mp4") as container:
        tone = container.add_stream("aac", rate=48000)
        if with_cover:
            cover = container.add_stream("png", rate=1)
            cover.width, cover.height, cover.pix_fmt = 32, 32, "rgb24"
            cover.disposition = av.stream.Disposition.attached_pic
            picture = np.zeros((32, 32, 3), np.uint8)
            container.mux(cover.encode(av.VideoFrame.from_ndarray(picture)))
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.int16), "s16", "stereo")
        frame.sample_rate = 48000
        container.mux(tone.encode(frame))
        container.mux(tone.encode(None))
    return path


BROKEN: dict[str, tuple[Callable[[Callable[..., Path], Path], Path], str]] = {
    "cut in the index": (lambda make, at: cut(make(), 0.5), "damaged or truncated"),
    "cut behind the index": (
        lambda make, at: cut(make(frames=60, options={"movflags": "faststart"}), 0.7),
        r"truncated: of the 2\.4\d s that it promises",
    ),
    "damaged": (
        lambda make, at: zeroed(make(frames=60, sound=None, options={"movflags": "faststart"})),
        r"damaged or truncated 1\.\d\d s after its beginning",
    ),
    "damaged in the first frame": (
        lambda make, at: zeroed(make(sound=None), (48, 600)),
        r"damaged or truncated 0\.00 s after its beginning",
    ),
    "cut without an index": (
        lambda make, at: cut(make("clip.mkv", frames=60), 0.5),
        r"truncated: of the 2\.\d\d s that it promises, 1\.\d\d s are missing",
    ),
    "text": (lambda make, at: written(at / "a.mp4", b"hello\n" * 99), "no video, or damaged"),
    "empty": (lambda make, at: written(at / "a.mp4", b""), r"empty \(0 bytes\)"),
    "missing": (lambda make, at: at / "no folder" / "a.mp4", "No such file"),
    "a folder": (lambda make, at: at, "Is a directory"),
    "sound": (lambda make, at: sound_only(at / "a.m4a"), "no moving pictures"),
    "no picture": (lambda make, at: at / "frame_%d.png", "no picture fits"),
    "no folder": (lambda make, at: at / "gone" / "frame_%d.png", "check that the folder exists"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_source_that_cannot_be_used_is_named(
    make_video: Callable[..., Path], tmp_path: Path, target: Path, kind: str, inverted: Stylize
) -> None:
    make, message = BROKEN[kind]
    source = make(make_video, tmp_path)
    with pytest.raises(VideoError, match=message) as caught:
        stylize_video(source, target, inverted)
    assert str(source) in str(caught.value) or str(source.parent) in str(caught.value)
    assert not target.parent.exists() or list(target.parent.iterdir()) == []


def test_a_cover_picture_is_no_video(tmp_path: Path, target: Path, inverted: Stylize) -> None:
    path = sound_only(tmp_path / "song.m4a", with_cover=True)
    with av.open(str(path)) as container:
        assert container.streams.video
    with pytest.raises(VideoError, match="no moving pictures"):
        stylize_video(path, target, inverted)
