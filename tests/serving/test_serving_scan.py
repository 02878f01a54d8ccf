"""What the checks say of the exported model, and of models that a server could not run."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.inference.network import loaded_generator

ANY_PICTURE = tf.TensorSpec((None, None, None, 3), tf.float32, "image")


def saved(folder: Path, module: tf.Module, stylize, **options) -> Path:
    """Writes a module with `stylize` as its only signature, under the name `stylize_float`."""

    def signature(image):
        return {"stylized": stylize(image)}

    graph = tf.function(signature, input_signature=[ANY_PICTURE], **options)
    signatures = {"stylize_float": graph.get_concrete_function()}
    tf.saved_model.save(module, str(folder), signatures=signatures)
    return folder


@pytest.fixture
def small():
    """A module with a weight, held in the right way."""
    module = tf.Module()
    module.weight = tf.Variable(2.0)
    return module


@pytest.fixture(scope="session")
def holds_the_model(style, tmp_path_factory):
    """A module that tracks only the Keras model."""
    module = tf.Module()
    module.model = loaded_generator(style)
    return saved(tmp_path_factory.mktemp("wrong") / "1", module, lambda image: module.model(image))


@pytest.fixture(scope="session")
def saved_by_tensorflow(tmp_path_factory):
    """A Keras model that is saved as it is."""
    pictures = keras.Input((None, None, 3), name="image")
    model = keras.Model(pictures, keras.layers.Conv2D(3, 3, padding="same")(pictures))
    folder = tmp_path_factory.mktemp("wrong") / "1"
    tf.saved_model.save(model, str(folder))
    return folder


@pytest.fixture(scope="session")
def calls_python(tmp_path_factory):
    def stylize(image):
        return tf.ensure_shape(tf.numpy_function(np.flip, [image], tf.float32), ANY_PICTURE.shape)

    return saved(tmp_path_factory.mktemp("wrong") / "1", tf.Module(), stylize)


def test_the_exported_model_has_nothing_that_a_server_stumbles_over(static_scan, exported):
    assert static_scan.findings(exported) == []


def test_weights_are_stored_once(static_scan, exported, style):
    weights = sum(weight.nbytes for weight in style.generator_weights().values())
    assert weights < static_scan.stored_bytes(exported) < 1.2 * weights


@pytest.mark.parametrize("model", ["holds_the_model", "saved_by_tensorflow"])
def test_weights_that_nothing_fills_are_found(static_scan, request, model):
    found = static_scan.findings(request.getfixturevalue(model))
    assert [line for line in found if "reads a variable that nothing fills" in line]


def test_calls_of_python_are_found(static_scan, calls_python):
    assert static_scan.findings(calls_python) == ["calls Python: PyFunc"]


def test_compulsory_compilation_is_found(static_scan, small, tmp_path):
    folder = saved(tmp_path, small, lambda image: image * small.weight, jit_compile=True)
    (found,) = static_scan.findings(folder)
    assert "has to be compiled by XLA" in found


def test_short_floats_are_found(static_scan, small, tmp_path):
    folder = saved(tmp_path, small, lambda image: tf.cast(image * small.weight, tf.bfloat16))
    assert "stylize_float gives bfloat16" in static_scan.findings(folder)[0]


def test_unknown_operations_are_found(static_scan, small, tmp_path):
    folder = saved(tmp_path, small, lambda image: tf.nn.lrn(image * small.weight))
    assert static_scan.findings(folder) == ["unknown operation: LRN"]


@pytest.mark.parametrize(
    ("model", "signature", "key", "said"),
    [
        ("holds_the_model", "stylize_float", "image", "Could not find variable"),
        ("saved_by_tensorflow", "serving_default", "inputs", "Could not find variable"),
        ("calls_python", "stylize_float", "image", "support Op 'PyFunc'"),
    ],
)
@pytest.mark.needs("C library")
def test_the_c_library_does_not_run_what_python_hides(ask, request, model, signature, key, said):
    picture = np.zeros((1, 64, 64, 3), np.float32)
    asked = {"one": (signature, {key: picture})}
    answer = ask("c_api", request.getfixturevalue(model), asked)["one"]
    assert isinstance(answer, str)
    assert said in answer
