import json
from pathlib import Path

import pytest

from adaptive_style_tf.models.shapes import discriminator_shapes, generator_shapes
from adaptive_style_tf.release import release_names

GOLDENS = Path(__file__).parents[1] / "goldens"


def read(path: Path) -> dict[str, object]:
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("encoder/norm_0/scale", "encoder/g_e0_bn/scale"),
        ("encoder/conv_5/kernel", "encoder/g_e5_c/Conv/weights"),
        ("encoder/norm_4/offset", "encoder/g_e4_bn/offset"),
        ("decoder/residual_7/conv_2/kernel", "decoder/g_r7_c2/Conv/weights"),
        ("decoder/residual_9/norm_1/offset", "decoder/g_r9_bn1/offset"),
        ("decoder/upsample_1/conv/kernel", "decoder/g_d1_dc/conv2d/Conv/weights"),
        ("decoder/upsample_4/norm/scale", "decoder/g_d4_bn/scale"),
        ("decoder/output/kernel", "decoder/g_pred_c/Conv/weights"),
        ("conv_0/kernel", "discriminator/d_h0_conv/Conv/weights"),
        ("norm_6/scale", "discriminator/d_bn6/scale"),
        ("logits_3/kernel", "discriminator/d_h3_pred/Conv/weights"),
    ],
)
def test_one_of_each_kind(ours: str, theirs: str) -> None:
    assert release_names([ours]) == {ours: theirs}


def test_names_and_shapes_of_the_whole_list_at_the_default_widths() -> None:
    listed = read(GOLDENS / "variables_default.json")["trainable"]
    expected = {entry["name"]: tuple(entry["shape"]) for entry in listed}  # type: ignore[attr-defined]
    shapes = generator_shapes(32) | discriminator_shapes(64)
    names = release_names(shapes)
    assert len(names) == len(expected) == 110
    assert {names[ours]: shape for ours, shape in shapes.items()} == expected


def test_names_and_shapes_of_the_small_network() -> None:
    listed = read(GOLDENS / "released_small" / "variables.json")["variables"]
    trainable = {
        entry["name"]: tuple(entry["shape"])
        for entry in listed  # type: ignore[attr-defined]
        if entry["trainable"]
    }
    shapes = generator_shapes(6) | discriminator_shapes(6)
    assert {release_names([ours])[ours]: shape for ours, shape in shapes.items()} == trainable


def test_a_name_of_neither_network_is_refused() -> None:
    with pytest.raises(KeyError, match="encoder/conv_1/bias"):
        release_names(["encoder/conv_1/bias"])
