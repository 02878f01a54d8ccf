import json
from math import prod
from pathlib import Path

import pytest

from adaptive_style_tf.models.shapes import discriminator_shapes, generator_shapes, infer_width

DEFAULT = json.loads(
    (Path(__file__).parents[1] / "goldens" / "variables_default.json").read_text(encoding="utf-8")
)


def test_parameter_counts_at_the_default_widths_are_those_of_the_release() -> None:
    generator = generator_shapes(32)
    assert sum(prod(shape) for shape in generator.values()) == 12_006_790
    assert sum(prod(shape) for shape in discriminator_shapes(64).values()) == 50_510_848
    encoder = [prod(shape) for name, shape in generator.items() if name.startswith("encoder/")]
    assert sum(encoder) == DEFAULT["parameters"]["encoder"]


def test_shapes_are_those_of_the_release() -> None:
    ours = [*generator_shapes(32).values(), *discriminator_shapes(64).values()]
    assert sorted(ours) == sorted(tuple(entry["shape"]) for entry in DEFAULT["trainable"])


def test_spot_checks_at_odd_widths() -> None:
    generator = generator_shapes(5)
    assert generator["encoder/norm_0/scale"] == (3,)
    assert generator["encoder/conv_5/kernel"] == (3, 3, 20, 40)
    assert generator["decoder/residual_9/norm_2/offset"] == (40,)
    assert generator["decoder/upsample_2/conv/kernel"] == (3, 3, 40, 20)
    assert generator["decoder/output/kernel"] == (7, 7, 5, 3)
    discriminator = discriminator_shapes(3)
    assert discriminator["conv_0/kernel"] == (5, 5, 3, 6)
    assert discriminator["logits_3/kernel"] == (10, 10, 24, 1)
    assert "logits_2/kernel" not in discriminator


@pytest.mark.parametrize("width", [1, 3, 6, 32, 64])
def test_widths_are_read_off_shapes(width: int) -> None:
    assert infer_width(generator_shapes(width), generator_shapes) == width
    assert infer_width(discriminator_shapes(width), discriminator_shapes) == width


@pytest.mark.parametrize("channels", [2, 64])
def test_one_wrong_weight_does_not_change_the_width(channels: int) -> None:
    shapes = generator_shapes(6) | {"encoder/conv_1/kernel": (3, 3, 3, channels), "stranger": (7,)}
    assert infer_width(shapes, generator_shapes) == 6


def test_no_weight_tells_no_width() -> None:
    assert infer_width({"encoder/norm_0/scale": (3,), "stranger": (7,)}, generator_shapes) is None


def test_widths_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="ngf=0"):
        generator_shapes(0)
    with pytest.raises(ValueError, match="ndf=-1"):
        discriminator_shapes(-1)
