"""Tiny videos, made with PyAV, and what is in a video file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

RATE = 25
TICKS = 512  # a frame of 1/25 s in the usual time base of MP4
TIME_BASE = Fraction(1, RATE * TICKS)


def picture(number: int, height: int = 48, width: int = 64) -> np.ndarray:
    """A grey picture whose brightness tells its number, with a red corner at the top left."""
    array = np.full((height, width, 3), 40 + 12 * (number % 16), np.uint8)
    array[: height // 3, : width // 3] = (200, 40, 40)
    return array


@dataclass
class Contents:
    """What a video file holds."""

    pictures: list[np.ndarray]
    times: list[Fraction]
    sound: list[bytes]
    sound_times: list[Fraction]
    frame_rate: Fraction
    seconds: float
    pixel_format: str
    codec: str
    tags: tuple[int, int, int, int]  # range, matrix, primaries, transfer
    rotation: int
    pixel_aspect: Fraction | None
    metadata: dict[str, str]

    @property
    def numbers(self) -> list[int]:
        """The numbers of the pictures of `make_video`, if each was inverted."""
        return [_number(shown) for shown in self.pictures]


def _number(shown: np.ndarray) -> int:
    height, width = shown.shape[:2]
    return round((215 - shown[height // 2 + 2 :, width // 2 + 2 :].astype(float).mean()) / 12)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out" / "stylized.mp4"


@pytest.fixture(scope="session")
def inverted() -> Callable[[np.ndarray], np.ndarray]:
    """A style that is easy to see and to undo."""
    return lambda picture: 255 - picture


@pytest.fixture
def make_video(tmp_path: Path) -> Callable[..., Path]:
    def make(
        name: str = "clip.mp4",
        *,
        frames: int = 12,
        height: int = 48,
        width: int = 64,
        times: Sequence[int] | None = None,
        time_base: Fraction = TIME_BASE,
        duration: int = TICKS,
        last_duration: int = TICKS,
        sound: str | None = "aac",
        codec: str = "libx264",
        pixel_format: str = "yuv420p",
        rotation: float | None = None,
        mirrored: bool = False,
        tags: dict[str, Any] | None = None,
        metadata: dict[str, str] | None = None,
        options: dict[str, str] | None = None,
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w", container_options=options or {}) as container:
            container.metadata.update(metadata or {})
            stream = container.add_stream(codec, rate=RATE, time_base=time_base)
            stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
            stream.options = {"crf": "5", "g": "4"} if codec == "libx264" else {}
            stream.codec_context.flags |= av.codec.context.Flags.frame_duration
            for tag, value in (tags or {}).items():
                setattr(stream.codec_context, tag, value)
            if rotation is not None:
                stream.set_display_rotation(rotation, hflip=mirrored)
            tone = container.add_stream(sound, rate=48000) if sound else None
            for number in range(frames):
                frame = av.VideoFrame.from_ndarray(picture(number, height, width))
                frame.pts = number * duration if times is None else times[number]
                frame.time_base = time_base
                frame.duration = last_duration if number == frames - 1 else duration
                container.mux(stream.encode(frame))
                if tone is not None:
                    container.mux(tone.encode(_sine(number)))
            for each in (stream, tone):
                if each is not None:
                    container.mux(each.encode(None))
        return path

    return make


def _sine(number: int) -> av.AudioFrame:
    samples = 48000 // RATE
    phase = np.arange(number * samples, (number + 1) * samples) * (2 * np.pi * 440 / 48000)
    wave = (8000 * np.sin(phase)).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(np.repeat(wave, 2)[np.newaxis], "s16", "stereo")
    frame.sample_rate, frame.pts = 48000, number * samples
    frame.time_base = Fraction(1, 48000)
    return frame


@pytest.fixture
def contents() -> Callable[[Path], Contents]:
    def read(path: Path) -> Contents:
        with av.open(str(path)) as container:
            video = container.streams.video[0]
            frames = [
                frame
                for packet in container.demux(video)
                for frame in packet.decode()
                if isinstance(frame, av.VideoFrame)
            ]
            context = video.codec_context
            found = Contents(
                pictures=[frame.to_ndarray(format="rgb24") for frame in frames],
                times=[(frame.pts or 0) * video.time_base for frame in frames],
                sound=[],
                sound_times=[],
                frame_rate=Fraction(video.average_rate or 0),
                seconds=(container.duration or 0) / 1e6,
                pixel_format=str(context.pix_fmt),
                codec=context.name,
                tags=(
                    int(frames[0].color_range),
                    int(frames[0].colorspace),
                    int(frames[0].color_primaries),
                    int(frames[0].color_trc),
                ),
                rotation=frames[0].rotation,
                pixel_aspect=video.sample_aspect_ratio,
                metadata=dict(container.metadata),
            )
        with av.open(str(path)) as container:
            if container.streams.audio:
                for packet in container.demux(container.streams.audio[0]):
                    if packet.size:
                        found.sound.append(bytes(packet))
                        found.sound_times.append(packet.pts * packet.time_base)
        return found

    return read
