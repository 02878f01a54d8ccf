"""When frames are shown, also where a file says so badly or not at all."""

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import VideoFrame


class FrameClock:
    """Gives every decoded frame a time later than the one before.

    Args:
        usual_duration: of a frame that does not tell its own, in units of the time base.
        trusts_times: whether the file's presentation times are meant; where they are not (AVI
            numbers frames in the order in which they are stored), the order of decoding decides.
    """

    def __init__(self, usual_duration: Fraction, *, trusts_times: bool) -> None:
        self._usual_duration = max(1, round(usual_duration))
        self._trusts_times = trusts_times
        self._decoding_delay: int | None = None  # of the first frame, behind its packet
        self._first_packet: int | None = None
        self._last: int | None = None
        self._next = 0

    @property
    def reached(self) -> int:
        """The end of the last frame, in units of the time base."""
        return self._next

    def packet_read(self, dts: int | None) -> None:
        """Takes note of a packet's decoding time; the first one's frame is the first shown."""
        if self._first_packet is None:
            self._first_packet = dts

    def time(self, frame: "VideoFrame") -> tuple[int, int]:
        """The time and the duration of the next frame, in units of the time base."""
        time = frame.pts if self._trusts_times else self._decoding_time(frame)
        if time is None:
            time = self._next
        if self._last is not None:
            time = max(time, self._last + 1)
        duration = frame.duration or self._usual_duration
        self._last, self._next = time, time + duration
        return time, duration

    def _decoding_time(self, frame: "VideoFrame") -> int | None:
        if frame.dts is None:
            return None
        if self._decoding_delay is None:
            self._decoding_delay = frame.dts - (self._first_packet or 0)
        return frame.dts - self._decoding_delay
