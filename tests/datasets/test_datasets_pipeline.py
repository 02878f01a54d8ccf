import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.datasets.crops import CropSettings, CropSource
from adaptive_style_tf.datasets.pipeline import (
    batches,
    default_workers,
    iterate,
    painting_and_photograph_batches,
)
from adaptive_style_tf.errors import DataError

SETTINGS = CropSettings(image_size=48)


@pytest.fixture
def files(tmp_path):
    random = np.random.default_rng(0)
    paths = [tmp_path / f"{index}.png" for index in range(5)]
    for path in paths:
        Image.fromarray(random.integers(0, 256, (820, 810, 3), np.uint8)).save(path)
    return paths


def test_step_k_has_the_same_crops_whatever_the_start_and_the_workers(files):
    source = CropSource(files, "painting", SETTINGS, seed=2)
    from_zero = [batch.numpy() for batch in batches(source, 0, 3, workers=4).take(6)]
    from_four = [batch.numpy() for batch in batches(source, 4, 3, workers=1).take(2)]
    assert from_zero[0].shape == (3, 48, 48, 3)
    assert from_zero[0].dtype == np.float32
    for step in range(6):
        assert np.array_equal(from_zero[step], source.batch(step, 3))
    assert np.array_equal(from_four, from_zero[4:])


def test_shapes_are_known_to_the_graph(files):
    source = CropSource(files, "painting", SETTINGS, seed=2)
    assert batches(source, 0, 3).element_spec.shape == (3, 48, 48, 3)


def test_pairs_of_both_kinds(files):
    paintings = CropSource(files[:2], "painting", SETTINGS, seed=2)
    photographs = CropSource(files[2:], "photograph", SETTINGS, seed=2)
    dataset = painting_and_photograph_batches(paintings, photographs, 7, 2)
    for step, pair in zip((7, 8), iterate(dataset, paintings, photographs), strict=False):
        assert np.array_equal(pair[0], paintings.batch(step, 2))
        assert np.array_equal(pair[1], photographs.batch(step, 2))


def test_an_error_in_a_worker_keeps_its_type_and_sentence(files):
    source = CropSource(files, "painting", SETTINGS, seed=2)
    for path in files:
        path.write_bytes(b"")
    with pytest.raises(DataError, match="None of the 5 paintings can be read"):
        next(iterate(batches(source, 0, 1), source))


def test_crops_need_no_tensorflow():
    code = (
        "import sys; sys.modules['tensorflow'] = None\n"
        "import adaptive_style_tf.datasets.crops, adaptive_style_tf.datasets.pipeline\n"
        "import adaptive_style_tf.datasets.report, adaptive_style_tf.datasets.inspection\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_default_workers():
    assert 1 <= default_workers() <= 8
