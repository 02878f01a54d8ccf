"""What a batch shows while it runs: a bar for the files, one for the frames of a video."""

import sys
from pathlib import Path
from typing import Self, TextIO

from adaptive_style_tf.cli.progress import Progress


class BatchDisplay:
    """Progress, notes and failures on one stream, results on another; for use in a `with` block.

    Args:
        total: results of the whole batch.
        results: takes a line for each file that was made; None takes none.
        stream: takes everything else; None is stderr.
    """

    def __init__(self, total: int, results: TextIO | None, stream: TextIO | None = None) -> None:
        self._results = results
        self._stream = sys.stderr if stream is None else stream
        self._files = Progress(total, "stylizing", "file", stream=self._stream)
        self._frames: Progress | None = None
        self._last_reason = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._end_video()
        self._files.close()

    def say(self, text: str) -> None:
        """Prints a line without tearing the bars."""
        self._files.say(text)

    def made(self, target: Path) -> None:
        """Counts a result that is there now, and prints its path."""
        self._end_video()
        if self._results is not None:
            print(target, file=self._results, flush=True)
        self._files.advance()

    def not_made(self, reason: str) -> None:
        """Counts a result that will not come; a reason that is empty or was just said is no line.

        One input that cannot be read fails for each style with the same words.
        """
        self._end_video()
        if reason and reason != self._last_reason:
            self._files.say(reason)
        self._last_reason = reason
        self._files.advance()

    def frames(self, video: Path, done: int, expected: int) -> None:
        """Shows how far a video is, with frames per second and the time left.

        Args:
            video: its path.
            done: frames that are done; 1 begins a new video.
            expected: frames that there will be; 0 where that is not known.
        """
        if done <= 1:
            self._end_video()
            self._frames = Progress(expected, video.name, "frame", stream=self._stream)
        if self._frames is not None:
            self._frames.advance()

    def _end_video(self) -> None:
        if self._frames is not None:
            self._frames.close()
            self._frames = None
