import subprocess
import sys

import pytest

import adaptive_style_tf


def test_the_public_names_are_these() -> None:
    assert adaptive_style_tf.__all__ == [
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


@pytest.mark.parametrize("name", adaptive_style_tf.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    assert getattr(adaptive_style_tf, name) is not None
    assert name in dir(adaptive_style_tf)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Styliser'"):
        adaptive_style_tf.Styliser  # noqa: B018


def test_importing_the_package_loads_no_heavy_library() -> None:
    code = (
        "import sys, adaptive_style_tf; "
        "print(sorted({'tensorflow', 'keras', 'numpy', 'cv2', 'scipy', 'PIL'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
