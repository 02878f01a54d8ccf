import shutil

import pytest

from adaptive_style_tf import __version__
from adaptive_style_tf.errors import ExportError
from adaptive_style_tf.serving.inspection import inspected, signatures_in

SIGNATURES = {
    "serving_default": (["in  image: uint8 (?, ?, ?, 3)"], ["out stylized: uint8 (?, ?, ?, 3)"]),
    "stylize_encoded": (["in  image_bytes: string (?)"], ["out stylized_bytes: string (?)"]),
    "stylize_encoded_png": (["in  image_bytes: string (?)"], ["out stylized_bytes: string (?)"]),
    "stylize_float": (["in  image: float32 (?, ?, ?, 3)"], ["out stylized: float32 (?, ?, ?, 3)"]),
}


@pytest.fixture
def copy(exported, tmp_path):
    return shutil.copytree(exported, tmp_path / "stylizer" / "3")


def test_signatures_are_read_with_their_types_and_shapes(exported):
    assert signatures_in(exported) == SIGNATURES


def test_it_says_what_the_model_is(exported):
    lines = inspected(exported).splitlines()
    for line in (
        str(exported),
        "  style       Tiny (paul-cezanne), step 7",
        f"  made by     adaptive-style-tf {__version__}",
        "  license     CC0-1.0",
        "  limit       16,777,216 pixels in a picture",
        "  success_rate: 0.8",
        *(f"    {line}" for parts in SIGNATURES.values() for line in (*parts[0], *parts[1])),
    ):
        assert line in lines


def test_of_a_folder_of_versions_the_highest_counts(copy):
    shutil.copytree(copy, copy.parent / "12")
    assert inspected(copy.parent).startswith(str(copy.parent / "12"))


@pytest.mark.parametrize("content", [b"", b"no message", b"\xff\xff\xff"])
def test_a_damaged_graph_is_refused(copy, content):
    (copy / "saved_model.pb").write_bytes(content)
    with pytest.raises(ExportError, match=r"saved_model.pb .*: export the style anew"):
        inspected(copy)


def test_a_model_of_others_is_refused(copy):
    shutil.rmtree(copy / "assets.extra")
    with pytest.raises(ExportError, match="was not exported by this package"):
        inspected(copy)


def test_the_graph_is_not_loaded(copy):
    """Nor are its weights needed."""
    shutil.rmtree(copy / "variables")
    assert "serving_default" in inspected(copy)
