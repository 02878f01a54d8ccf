"""Frames of a video file as upright RGB pictures, and back, without losing what colors mean.

A decoded frame is luminance and two color differences; which numbers stand for which color is said
by four tags. Matrix and range are undone and applied again; primaries and transfer curve are
carried along, for the network sees the values as they are.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import VideoFrame

# Values of ITU-T H.273, as FFmpeg has them.
_RGB, _UNSPECIFIED, _BT709, _BT601 = 0, 2, 1, 6
_INVERTIBLE_MATRICES = (1, 4, 5, 6, 7, 9)  # that swscale computes in both directions
_LIMITED, _FULL = 1, 2  # range of luminance: 16 to 235, or 0 to 255
_RGB_FORMATS = ("rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "pal8", "x2rgb", "x2bgr")

Matrix = tuple[int, ...]  # display matrix of ISO/IEC 14496-12: 3 x 3 by rows, 16.16 and 2.30


@dataclass(frozen=True)
class ColorTags:
    """What the numbers of a frame mean: codes of ITU-T H.273, and FFmpeg's of the range."""

    range: int = _LIMITED
    matrix: int = _BT709
    primaries: int = _UNSPECIFIED
    transfer: int = _UNSPECIFIED


@dataclass(frozen=True)
class Appearance:
    """How the frames of one video are to be shown.

    Args:
        colors: of the frames, with what the source leaves open filled in.
        matrix: display matrix; None where frames are upright as they are.
        pixel_aspect: width by height of a pixel as the file has it; None for square or unsaid.
    """

    colors: ColorTags
    matrix: Matrix | None = None
    pixel_aspect: Fraction | None = None

    @property
    def turned_by_pixels(self) -> bool:
        """Whether the matrix only moves pixels (right angles and mirrors), so can be applied."""
        return self.matrix is not None and _axes(self.matrix) is not None

    @property
    def matrix_left(self) -> Matrix | None:
        """The display matrix that upright pictures still need: one of another angle."""
        return None if self.turned_by_pixels else self.matrix

    @property
    def upright_pixel_aspect(self) -> Fraction | None:
        """The pixel aspect of upright pictures."""
        axes = None if self.matrix is None else _axes(self.matrix)
        if self.pixel_aspect is None or axes is None or not axes[0]:
            return self.pixel_aspect
        return 1 / self.pixel_aspect


def appearance_of(frame: "VideoFrame", pixel_aspect: Fraction | None) -> Appearance:
    """Reads the tags of a decoded frame.

    Where the matrix is not given, it is taken as players take it: BT.709 from 1280 x 720 on,
    BT.601 below.
    """
    matrix, color_range = int(frame.colorspace), int(frame.color_range)
    if matrix not in _INVERTIBLE_MATRICES:
        matrix = usual_matrix(frame.height, frame.width)
    if is_rgb(frame):
        color_range = _LIMITED
    elif frame.format.name.startswith("yuvj"):
        color_range = _FULL
    colors = ColorTags(
        range=_FULL if color_range == _FULL else _LIMITED,
        matrix=matrix,
        primaries=int(frame.color_primaries),
        transfer=int(frame.color_trc),
    )
    square = pixel_aspect is None or pixel_aspect in (0, 1)
    return Appearance(colors, display_matrix(frame), None if square else pixel_aspect)


def usual_matrix(height: int, width: int) -> int:
    """The code of the matrix that is meant where none is given."""
    return _BT709 if height >= 720 or width >= 1280 else _BT601


def is_rgb(frame: "VideoFrame") -> bool:
    """Whether a frame has no luminance and color differences, but red, green and blue."""
    return int(frame.colorspace) == _RGB or frame.format.name.startswith(_RGB_FORMATS)


def display_matrix(frame: "VideoFrame") -> Matrix | None:
    """The display matrix of a frame; None where there is none or it changes nothing."""
    side_data: Any = frame.side_data  # PyAV's stubs have another type for it
    entry = side_data.get("DISPLAYMATRIX")
    if entry is None:
        return None
    matrix = tuple(int(value) for value in np.frombuffer(bytes(entry), np.int32))
    return None if _axes(matrix) == (False, 1, 1) else matrix


def upright(picture: NDArray[np.uint8], matrix: Matrix | None) -> NDArray[np.uint8]:
    """Turns and mirrors a picture as its display matrix says, as far as that only moves pixels.

    Args:
        picture: [H, W, 3].
        matrix: x' = m[0] x + m[3] y, y' = m[1] x + m[4] y.

    Returns:
        [H, W, 3] or [W, H, 3], contiguous.
    """
    axes = None if matrix is None else _axes(matrix)
    if axes is None:
        return picture
    swapped, horizontal, vertical = axes
    if swapped:
        picture = picture.transpose(1, 0, 2)
    return np.ascontiguousarray(picture[::vertical, ::horizontal])


def _axes(matrix: Matrix) -> tuple[bool, int, int] | None:
    """Whether x and y change places, and the direction of both after that; None at other angles."""
    largest = max(abs(matrix[index]) for index in (0, 1, 3, 4))
    a, b, c, d = (
        0 if abs(matrix[index]) * 100 < largest else (1 if matrix[index] > 0 else -1)
        for index in (0, 1, 3, 4)
    )
    if a and d and not b and not c:
        return False, a, d
    if b and c and not a and not d:
        return True, c, b
    return None


class PictureReader:
    """Makes pictures of decoded frames."""

    def __init__(self, appearance: Appearance) -> None:
        from av.video.reformatter import VideoReformatter

        self._appearance = appearance
        self._convert = VideoReformatter().reformat  # keeps its tables from frame to frame

    def picture(self, frame: "VideoFrame") -> NDArray[np.uint8]:
        """The upright picture of a frame, RGB, [H, W, 3], 0 to 255."""
        colors = self._appearance.colors
        source = {} if is_rgb(frame) else {"src_color_range": colors.range}
        if not is_rgb(frame) and int(frame.colorspace) == _UNSPECIFIED:
            source["src_colorspace"] = _swscale(colors.matrix)
        converted = self._convert(
            frame, format="rgb24", interpolation=_careful(), dst_color_range=_FULL, **source
        )
        array = np.asarray(converted.to_ndarray(), np.uint8)
        return upright(array, self._appearance.matrix)


class PictureWriter:
    """Makes frames that an encoder takes of pictures."""

    def __init__(self, colors: ColorTags, pixel_format: str) -> None:
        from av.video.reformatter import VideoReformatter

        self._colors, self._pixel_format = colors, pixel_format
        self._convert = VideoReformatter().reformat

    def frame(self, picture: NDArray[np.uint8]) -> "VideoFrame":
        """The frame of a picture, RGB, [H, W, 3], 0 to 255."""
        from av import VideoFrame

        colors = self._colors
        frame = self._convert(
            VideoFrame.from_ndarray(np.ascontiguousarray(picture)),
            format=self._pixel_format,
            interpolation=_careful(),
            src_color_range=_FULL,
            dst_colorspace=_swscale(colors.matrix),
            dst_color_range=colors.range,
        )
        frame.colorspace = colors.matrix
        frame.color_primaries, frame.color_trc = colors.primaries, colors.transfer
        return frame


def _swscale(matrix: int) -> int:
    """PyAV's number of a matrix: swscale's own, in which BT.601 has only one."""
    return 5 if matrix in (5, _BT601) else matrix


def _careful() -> int:
    from av.video.reformatter import Interpolation

    # Without the flags swscale repeats each color over two pixels and rounds down.
    return int(
        Interpolation.BICUBIC
        | Interpolation.ACCURATE_RND
        | Interpolation.FULL_CHR_H_INT
        | Interpolation.FULL_CHR_H_INP
    )
