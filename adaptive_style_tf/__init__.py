"""A style-aware content loss for real-time HD style transfer, in Keras 3.

The names below are the public surface. Each is imported when it is first asked for, so that
`import adaptive_style_tf` and every `--help` answer at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adaptive_style_tf.errors import AdaptiveStyleError
    from adaptive_style_tf.images.decoding import read_picture
    from adaptive_style_tf.images.encoding import write_picture
    from adaptive_style_tf.inference.looks import Look
    from adaptive_style_tf.inference.stylizer import Stylizer
    from adaptive_style_tf.inference.video import VideoOptions
    from adaptive_style_tf.styles import Style, find_style, list_styles

__version__ = "0.1.0.dev0"

__all__ = [
    "AdaptiveStyleError",
    "Look",
    "Style",
    "Stylizer",
    "VideoOptions",
    "__version__",
    "find_style",
    "list_styles",
    "read_picture",
    "write_picture",
]

_HOMES = {
    "AdaptiveStyleError": "adaptive_style_tf.errors",
    "Look": "adaptive_style_tf.inference.looks",
    "Style": "adaptive_style_tf.styles",
    "Stylizer": "adaptive_style_tf.inference.stylizer",
    "VideoOptions": "adaptive_style_tf.inference.video",
    "find_style": "adaptive_style_tf.styles",
    "list_styles": "adaptive_style_tf.styles",
    "read_picture": "adaptive_style_tf.images.decoding",
    "write_picture": "adaptive_style_tf.images.encoding",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
