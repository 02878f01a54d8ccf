"""What to know about a picture's size, once for a batch."""

from collections.abc import Iterator
from pathlib import Path

from adaptive_style_tf.inference.looks import Look
from adaptive_style_tf.inference.sizes import strokes_come_out_thin, too_small_for_strokes


class Advice:
    """Remembers what it has said.

    Args:
        look: what counts is the size at which the network sees a picture.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._said: set[str] = set()

    def lines(self, name: Path | str, height: int, width: int) -> Iterator[str]:
        """What has not been said yet about a picture of this size, in pixels."""
        seen = self._look.seen_size(height, width)
        notes = {
            "thin": (
                strokes_come_out_thin(*seen),
                "The strokes were learned on smaller pictures and come out thin; for bolder ones "
                "add --image-size 1280 --restore-size.",
            ),
            "small": (
                too_small_for_strokes(*seen),
                "The networks learn on crops of 256 to 768 pixels and make little of so few; to "
                "let them see a larger picture add --image-size 512 --restore-size.",
            ),
        }
        for kind, (applies, text) in notes.items():
            if applies and kind not in self._said:
                self._said.add(kind)
                yield f"Note: {name} has {width} x {height} pixels. {text}"
