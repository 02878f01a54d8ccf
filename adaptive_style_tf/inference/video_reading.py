"""Reading video files: frames as upright pictures, with their times, and the sound as it is."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adaptive_style_tf.errors import VideoError
from adaptive_style_tf.inference.video_clock import FrameClock
from adaptive_style_tf.inference.video_formats import is_video, load_pyav
from adaptive_style_tf.inference.video_pictures import Appearance, PictureReader, appearance_of
from adaptive_style_tf.inference.video_source import Frame, Source, Span, Step, first_step

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

USUAL_RATE = Fraction(25)  # frames per second, of a file that says nothing about time
PACKETS_IN_A_STEP = 256  # of sound, where no frame comes for long
ENDS_EARLY_SECONDS = Fraction(1, 2)  # what may miss of the length that the header promises,
ENDS_EARLY_SHARE = Fraction(1, 50)  # or this share of it: headers are rounded and estimated
MICROSECONDS = 1_000_000  # FFmpeg's AV_TIME_BASE, the unit of a container's start and duration
LATEST = 2**62  # units of any time base; FFmpeg counts in 64 bits
INDEXED = {"mp4", "matroska"}  # formats with a header that tells lengths, and an index

# Names that the container's own header sets, not the people who made the film.
_TECHNICAL = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration"}


@contextmanager
def opened_video(path: Path, span: Span, *, with_sound: bool = True) -> Iterator[Source]:
    """Opens a video file; its first frame is decoded already when this returns.

    Args:
        path: the file.
        span: the part to read; the times of a part count from its beginning.
        with_sound: whether its sound is read too.

    Raises:
        AdaptiveStyleError: PyAV is not installed.
        VideoError: there is no such file, it is no video, it is damaged, or has no frame in the
            part; also while it is read.
    """
    av = load_pyav()
    _refuse_what_is_no_file(path)
    try:
        # An absolute path cannot be mistaken for a protocol (`take:2.mp4`).
        with av.open(str(path.absolute()), "r", **_for_any_metadata(av.__version__)) as container:
            yield _source(path, container, span, with_sound)
    except av.error.FFmpegError as error:
        if isinstance(error, OSError):
            raise _unreadable(path, error.strerror) from error
        what = "damaged or truncated" if is_video(path) else "no video, or damaged"
        raise VideoError(f"{path} is {what} ({error.strerror}); replace or remove it.") from error


def _for_any_metadata(version: str) -> dict[str, str]:
    """What PyAV has to be told so that a title that is no UTF-8 does not stop the video.

    From 19 on it cannot be told, and hands such bytes through as they are.
    """
    return {"metadata_errors": "replace"} if int(version.partition(".")[0]) < 19 else {}


def _refuse_what_is_no_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise _unreadable(path, error.strerror) from error
    if empty:
        raise VideoError(f"{path} is empty (0 bytes); replace or remove it.")


def _unreadable(path: Path, reason: str | None) -> VideoError:
    return VideoError(f"{path} cannot be read: {reason}; check that it exists and is readable.")


def _source(path: Path, container: "InputContainer", span: Span, with_sound: bool) -> Source:
    from av.stream import Disposition

    moving = [  # a cover picture is a video stream too
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic
    ]
    if not moving:
        raise VideoError(
            f"{path} has no moving pictures, only sound or other data; leave it out or remove it."
        )
    reading = _Reading(path, container, moving[0], span, with_sound)
    steps = reading.steps()
    first = first_step(path, steps, span)
    return Source(
        path=path,
        steps=itertools.chain([first], steps),
        frame_rate=reading.frame_rate,
        time_base=reading.time_base,
        appearance=reading.appearance,
        expected_frames=reading.expected_frames(),
        sound=reading.sound,
        metadata={
            name: text
            for name, text in container.metadata.items()
            if name.lower() not in _TECHNICAL
        },
        chapters=tuple(container.chapters()) if span.is_whole else (),
    )


class _Reading:
    """The state of reading one file."""

    appearance: Appearance  # known with the first frame

    def __init__(
        self,
        path: Path,
        container: "InputContainer",
        video: "VideoStream",
        span: Span,
        with_sound: bool,
    ) -> None:
        self._path, self._container, self._video = path, container, video
        self.sound = tuple(container.streams.audio) if with_sound else ()
        self.frame_rate = video.guessed_rate or video.average_rate or USUAL_RATE
        self.time_base = video.time_base or 1 / self.frame_rate
        video.codec_context.thread_type = "AUTO"
        self._has_index = bool(INDEXED & set(container.format.name.split(",")))
        self._wanted = span
        self._span = span.shifted((video.start_time or 0) * self.time_base)  # on the file's clock
        self._shift = self._span.start if span.start else Fraction(0)
        self._clock = FrameClock(
            1 / self.frame_rate / self.time_base, trusts_times=container.format.name != "avi"
        )
        self._pictures: PictureReader | None = None
        self._read_until = Fraction(0)  # s, the end of the last packet of any stream

    def expected_frames(self) -> int:
        """How many frames the part has, as the file promises; 0 where it does not say."""
        if self._wanted.is_whole and self._video.frames:
            return self._video.frames
        whole = Fraction(self._container.duration or 0, MICROSECONDS)
        if self._video.duration is not None:
            whole = self._video.duration * self.time_base
        return round(self._wanted.length(whole) * self.frame_rate)

    def steps(self) -> Iterator[Step]:
        """The frames of the part, each with the sound that lies before it in the file.

        Raises:
            VideoError: the file is damaged, or ends too early.
        """
        sound: list[Packet[AudioStream]] = []
        pending = {stream.index for stream in (self._video, *self.sound)}  # not at its end yet
        for packet in self._packets():
            if packet.stream.index not in pending:
                continue
            if packet.stream.index == self._video.index:
                for decoded in self._decode(packet):
                    time, duration = self._clock.time(decoded)
                    if self._span.ends_by(time * self.time_base):
                        pending.remove(self._video.index)
                        break
                    if not self._comes_before(time * self.time_base):
                        yield Step(self._frame(decoded, time, duration), tuple(sound))
                        sound = []
            elif self._span.ends_by(_time(packet)):
                pending.remove(packet.stream.index)
            elif packet.size and not self._comes_before(_time(packet)):
                sound.append(self._from_start(packet))
                if self._pictures is not None and len(sound) >= PACKETS_IN_A_STEP:
                    yield Step(None, tuple(sound))
                    sound = []
            if not pending:
                break
        else:
            self._refuse_early_end()
        if sound:
            yield Step(None, tuple(sound))

    def _comes_before(self, seconds: Fraction) -> bool:
        # Sound may begin before the first frame: encoders put some silence in front.
        return self._wanted.start > 0 and self._span.begins_after(seconds)

    def _packets(self) -> Iterator["Packet[Any]"]:
        # Elsewhere a seek may land behind the start: there all before it is decoded and left out.
        if self._wanted.start and self._has_index:
            time = min(int(self._span.start / self.time_base), LATEST)
            self._container.seek(time, stream=self._video)
        for packet in self._container.demux():
            end = _time(packet) + (packet.duration or 0) * (packet.time_base or 0)
            self._read_until = max(self._read_until, end)
            if packet.stream.index == self._video.index:
                self._clock.packet_read(packet.dts)
            yield packet

    def _decode(self, packet: "Packet[VideoStream]") -> "list[VideoFrame]":
        av = load_pyav()
        try:
            return packet.decode()
        except av.error.InvalidDataError as error:
            raise VideoError(
                f"{self._path} is damaged or truncated {self._reached():.2f} s after its beginning "
                f"({error.strerror}); replace it, or stylize the part before (--duration)."
            ) from error

    def _reached(self) -> float:
        start = self._span.start - self._wanted.start
        return float(self._clock.reached * self.time_base - start)

    def _frame(self, decoded: "VideoFrame", time: int, duration: int) -> Frame:
        if self._pictures is None:
            self.appearance = appearance_of(decoded, self._video.sample_aspect_ratio)
            self._pictures = PictureReader(self.appearance)
        shift = round(self._shift / self.time_base)
        return Frame(self._pictures.picture(decoded), time - shift, duration)

    def _from_start(self, packet: "Packet[AudioStream]") -> "Packet[AudioStream]":
        if self._shift and packet.time_base:
            shift = round(self._shift / packet.time_base)
            packet.pts = None if packet.pts is None else packet.pts - shift
            packet.dts = None if packet.dts is None else packet.dts - shift
        return packet

    def _refuse_early_end(self) -> None:
        """Raises where a file was cut off, so that its header promises more than there is."""
        if not self._has_index:
            return  # there FFmpeg estimates
        promised = Fraction(self._container.duration or 0, MICROSECONDS)
        start = Fraction(self._container.start_time or 0, MICROSECONDS)
        missing = promised - (self._read_until - start)
        if missing > max(ENDS_EARLY_SECONDS, ENDS_EARLY_SHARE * promised):
            raise VideoError(
                f"{self._path} is truncated: of the {float(promised):.2f} s that it promises, "
                f"{float(missing):.2f} s are missing; replace it, or stylize the part that is "
                "there (--duration)."
            )


def _time(packet: "Packet[Any]") -> Fraction:
    """When a packet is due, in seconds; 0 where it does not say."""
    time = packet.dts if packet.pts is None else packet.pts
    return Fraction(0) if time is None else time * (packet.time_base or Fraction(0))
