from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.images.grain import grain
from adaptive_style_tf.inference.stylizer import Stylizer
from adaptive_style_tf.serving.grain import with_grain
from adaptive_style_tf.serving.saved_model import export_saved_model
from adaptive_style_tf.styles import Style, read_style, write_style

LEVELS = 7.0


def test_the_graphs_grain_is_numpys() -> None:
    pictures = tf.zeros((2, 300, 270, 3))
    found = tf.function(lambda p: with_grain(p, LEVELS))(pictures)
    expected = np.broadcast_to(grain(300, 270) * LEVELS / 127.5, found.shape)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_without_grain_the_graph_is_as_if_there_were_none() -> None:
    pictures = tf.zeros((1, 8, 8, 3))
    assert with_grain(pictures, 0.0) is pictures


@pytest.fixture
def grained_style(style: Style, tmp_path: Path) -> Style:
    description = replace(style.description, settings={"grain": LEVELS})
    return write_style(tmp_path / "grained", description, style.generator_weights())


def test_an_exported_style_has_the_grain_of_its_training(
    grained_style: Style, style: Style, tmp_path: Path
) -> None:
    picture = np.random.default_rng(4).integers(0, 256, (70, 90, 3), np.uint8)
    folder = export_saved_model(grained_style, tmp_path / "exported", warm_up=False)
    served = tf.saved_model.load(str(folder)).signatures["serving_default"]
    found = served(image=picture[None])["stylized"].numpy()[0].astype(int)
    assert np.abs(found - Stylizer.load(grained_style).image(picture)).max() <= 1
    assert np.abs(found - Stylizer.load(style).image(picture)).max() > 1


def test_the_level_is_read_from_the_settings(grained_style: Style, style: Style) -> None:
    assert read_style(grained_style.folder).description.grain == LEVELS
    assert style.description.grain == 0
