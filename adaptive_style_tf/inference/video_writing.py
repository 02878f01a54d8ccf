"""Writing video files: stylized frames encoded, the sound as it was."""

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adaptive_style_tf.errors import UsageError, VideoError
from adaptive_style_tf.inference.video_formats import container_format, load_pyav
from adaptive_style_tf.inference.video_pictures import PictureWriter
from adaptive_style_tf.inference.video_source import Frame, Source, Step
from adaptive_style_tf.inference.video_target import partial_name, writing

if TYPE_CHECKING:
    from av import Packet
    from av.audio.stream import AudioStream

USUAL_CODEC = "libx264"
# Where H.264 is not allowed, by FFmpeg's name of the format.
_CODECS = {"webm": "libvpx-vp9"}
# About the same, hardly visible loss for each; every encoder counts in its own way.
_QUALITIES = {"libx264": 18, "libx265": 20, "libvpx-vp9": 28, "libsvtav1": 28}
_USUAL_QUALITY = 20
_QUANTIZER = 118  # FFmpeg's FF_QP2LAMBDA, for encoders with a fixed quantizer only
_QUANTIZER_SHARE = 6  # their scale ends at 31 where the others' ends near 51 and is steeper
_OPTIONS = {"libx265": {"x265-params": "log-level=error"}}  # it prints past FFmpeg's log
_KEPT_SOUND_KEYS = ("language", "title", "handler_name")


class VideoFile:
    """A video file that is being written under a temporary name.

    Args:
        target: what it will be called; its suffix decides the format, messages name it.
        source: what it is made of.
        codec: FFmpeg's name of an encoder or a codec; None takes H.264, in .webm VP9.
        quality: constant rate factor, lower is better; None takes a value with hardly visible loss.

    Raises:
        UsageError: there is no such encoder, or the format cannot hold what it makes.
        VideoError: the format cannot hold the sound.
    """

    def __init__(
        self, target: Path, source: Source, codec: str | None, quality: int | None
    ) -> None:
        av = load_pyav()
        self._target, self._source = target, source
        self._partial = partial_name(target)
        self._format = container_format(target)
        self._encoder = _encoder(codec or _CODECS.get(self._format, USUAL_CODEC))
        self.codec = self._encoder.name  # hevc and the like stand for an encoder
        self._container = av.open(
            str(self._partial.absolute()),
            "w",
            format=self._format,
            container_options=_container_options(self._format, source.time_base),
        )
        self._container.metadata.update(source.metadata)
        self._container.set_chapters(list(source.chapters))
        self._video = self._video_stream()
        self._sound = {stream.index: self._sound_stream(stream) for stream in source.sound}
        self._pictures: PictureWriter | None = None
        self._quality = quality
        self.frames = 0
        self.pixel_format = ""

    def write(self, step: Step) -> None:
        """Encodes a frame and takes over sound.

        Raises:
            UsageError: the encoder refuses frames of this kind.
            VideoError: the file system refuses, or the format does.
        """
        with self._explained():
            for packet in step.sound:
                packet.stream = self._sound[packet.stream.index]
            if step.frame is None:
                self._mux(step.sound)
                return
            height, width = step.frame.picture.shape[:2]
            if self._pictures is None:
                self._begin(height, width)
            if (self._video.width, self._video.height) != (width, height):
                raise VideoError(
                    f"{self._target} began with frames of {self._video.width} x "
                    f"{self._video.height} pixels and cannot take one of {width} x {height}; "
                    "give all of them one size."
                )
            self._mux(step.sound)
            self._encode(step.frame)
            self.frames += 1

    def finish(self) -> None:
        """Writes what the encoder still holds, and the index.

        Raises:
            VideoError: the file system refuses.
        """
        with self._explained():
            self._container.mux(self._video.encode(None))
            self._container.close()

    def publish(self) -> None:
        """Gives the file its name."""
        with writing(self._target):
            self._partial.replace(self._target)

    def abandon(self) -> None:
        """Removes the file."""
        av = load_pyav()
        with contextlib.suppress(av.error.FFmpegError):  # another error is on its way up
            self._container.close()
        self._partial.unlink(missing_ok=True)

    def _video_stream(self) -> Any:
        try:
            return self._container.add_stream(
                self.codec, rate=self._source.frame_rate, time_base=self._source.time_base
            )
        except ValueError as error:
            raise UsageError(
                f"{self._target.suffix} files cannot hold what the encoder {self.codec} makes; "
                "let the output's name end in .mkv or choose another --codec."
            ) from error

    def _sound_stream(self, stream: "AudioStream") -> Any:
        try:
            copy = self._container.add_stream_from_template(stream)
        except ValueError as error:
            name = stream.codec_context.name if stream.codec_context else "of an unknown kind"
            raise VideoError(
                f"{self._target.suffix} files cannot hold the sound of {self._source.path} "
                f"({name}), which is copied as it is; let the output's name end in .mkv."
            ) from error
        copy.metadata.update(
            {key: text for key, text in stream.metadata.items() if key in _KEPT_SOUND_KEYS}
        )
        return copy

    def _begin(self, height: int, width: int) -> None:
        appearance, video = self._source.appearance, self._video
        context = video.codec_context
        context.flags |= load_pyav().codec.context.Flags.frame_duration  # else the last has none
        context.width, context.height = width, height
        self.pixel_format = context.pix_fmt = self._choose_pixel_format(height, width)
        context.color_range, context.colorspace = appearance.colors.range, appearance.colors.matrix
        context.color_primaries = appearance.colors.primaries
        context.color_trc = appearance.colors.transfer
        if appearance.upright_pixel_aspect is not None:
            context.sample_aspect_ratio = appearance.upright_pixel_aspect
        if appearance.matrix_left is not None:
            video.set_display_matrix(appearance.matrix_left)
        context.options = {**_OPTIONS.get(self.codec, {}), **self._quality_options(context)}
        with self._refusals_explained():
            context.open()
        self._container.start_encoding()
        self._pictures = PictureWriter(appearance.colors, self.pixel_format)

    def _choose_pixel_format(self, height: int, width: int) -> str:
        """Colors at half the resolution, as players expect; at full where the sides are odd.

        H.264 and H.265 count 4:2:0 pictures in pairs of pixels, so an odd side would grow.
        """
        formats = [entry.name for entry in self._encoder.video_formats or ()]
        needs_pairs = self.codec.startswith(("libx26", "h264_", "hevc_"))
        if (height % 2 or width % 2) and needs_pairs and "yuv444p" in formats:
            return "yuv444p"
        if not formats or "yuv420p" in formats:
            return "yuv420p"
        return next((name for name in formats if name.startswith("yuv")), str(formats[0]))

    def _quality_options(self, context: Any) -> dict[str, str]:
        names = {option.name for option in context.supported_options.private}
        quality = self._quality
        if quality is None:
            quality = _QUALITIES.get(context.codec.name, _USUAL_QUALITY)
        for name in ("crf", "cq"):
            if name in names:
                return {name: str(quality)}
        context.qscale = True
        context.global_quality = _QUANTIZER * max(1, quality // _QUANTIZER_SHARE)
        return {}

    def _encode(self, frame: Frame) -> None:
        assert self._pictures is not None  # write
        encoded = self._pictures.frame(frame.picture)
        encoded.pts, encoded.duration = frame.time, frame.duration
        encoded.time_base = self._source.time_base
        self._container.mux(self._video.encode(encoded))

    def _mux(self, packets: "tuple[Packet[AudioStream], ...]") -> None:
        for packet in packets:
            self._container.mux(packet)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        with self._refusals_explained(), writing(self._target):
            yield

    @contextlib.contextmanager
    def _refusals_explained(self) -> Iterator[None]:
        av = load_pyav()
        try:
            yield
        except av.error.FFmpegError as error:
            raise UsageError(
                f"the encoder {self.codec} or the format {self._target.suffix} refuses this video "
                f"({error.strerror}); choose another --codec, or a name that ends in .mkv."
            ) from error


def _encoder(name: str) -> Any:
    av = load_pyav()
    try:
        encoder = av.codec.Codec(name, "w")
    except av.codec.codec.UnknownCodecError as error:
        raise UsageError(
            f"there is no encoder called {name!r}; try libx264, libx265 or libvpx-vp9."
        ) from error
    if encoder.type != "video":
        raise UsageError(f"{name} encodes {encoder.type}; try libx264 or libvpx-vp9.")
    return encoder


def _container_options(name: str, time_base: Fraction) -> dict[str, str]:
    if name not in ("mp4", "mov"):
        return {}
    return {
        # An index in front lets players begin before all is loaded.
        "movflags": "faststart",
        # The unit in which it says when a stream begins: milliseconds would shift the frames.
        "movie_timescale": str(time_base.denominator * -(-1000 // time_base.denominator)),
    }
