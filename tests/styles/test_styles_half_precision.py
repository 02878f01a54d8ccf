from collections.abc import Callable
from pathlib import Path

import numpy as np

from adaptive_style_tf.demo import demo_photographs
from adaptive_style_tf.images.decoding import read_picture
from adaptive_style_tf.inference.stylizer import Stylizer
from adaptive_style_tf.models import Generator, read_weights
from adaptive_style_tf.styles import StyleDescription, write_style


def test_float16_weights_change_a_result_by_one_level_at_most(
    tmp_path: Path, describe_untrained: Callable[..., StyleDescription]
) -> None:
    """At the default width, with weights that nobody has trained."""
    generator = Generator()
    generator.build((None, None, None, 3))
    weights = read_weights(generator)
    description = describe_untrained(ngf=32)
    photograph = read_picture(demo_photographs()[0])[100:260, 200:392]
    full, half = (
        Stylizer.load(write_style(tmp_path / name, description, weights, half=half))
        .image(photograph)
        .astype(int)
        for name, half in (("full", False), ("half", True))
    )
    assert full.std() > 10  # not flat, where nothing could differ
    difference = np.abs(half - full)
    assert difference.max() == 1  # 0 would mean that nothing was rounded
    assert difference.mean() < 0.3
