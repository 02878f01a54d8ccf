"""Styles for other runtimes, each run in its own against Keras."""

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf

from adaptive_style_tf.errors import ExportError
from adaptive_style_tf.serving import formats
from adaptive_style_tf.serving.formats import (
    export_keras,
    export_onnx,
    export_tflite,
    finished_file,
)

SIZES = ((64, 64), (37, 53), (5, 200), (1, 1))
FIXED = (53, 37)  # width and height, px


@pytest.fixture(scope="module")
def half_tflite(style, formats_folder):
    export_tflite(style, formats_folder / "half.tflite", None, half=True)
    return formats_folder / "half.tflite"


def interpreted(model, image):
    with pytest.warns(UserWarning, match="tf.lite.Interpreter is deprecated"):
        interpreter = tf.lite.Interpreter(str(model))
    (details,) = interpreter.get_input_details()
    if -1 in details["shape_signature"]:
        interpreter.resize_tensor_input(details["index"], image.shape)
    return interpreter.get_signature_runner()(image=image)["stylized"]


@pytest.fixture
def values(photograph):
    return lambda height, width: photograph(height, width).astype(np.float32) / 255


def test_onnx_takes_batches_of_any_size(onnx, values, values_by_keras):
    session = onnxruntime.InferenceSession(str(onnx), providers=["CPUExecutionProvider"])
    for size in SIZES:
        picture = values(*size)
        batch = np.stack([picture, picture[::-1]])
        (stylized,) = session.run(["stylized"], {"image": batch})
        expected = np.stack([values_by_keras(one) for one in batch])
        np.testing.assert_allclose(stylized, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("size", SIZES)
def test_tflite_takes_any_size(tflite, values, values_by_keras, size):
    stylized = interpreted(tflite, values(*size)[np.newaxis])
    expected = values_by_keras(values(*size))
    np.testing.assert_allclose(stylized[0], expected, rtol=0, atol=1e-4)


def test_tflite_of_a_fixed_size(style, tmp_path, values, values_by_keras):
    export_tflite(style, tmp_path / "fixed.tflite", FIXED, half=False)
    stylized = interpreted(tmp_path / "fixed.tflite", values(37, 53)[np.newaxis])
    np.testing.assert_allclose(stylized[0], values_by_keras(values(37, 53)), rtol=0, atol=1e-4)


@pytest.mark.parametrize("size", SIZES)
def test_half_precision_is_half_as_large_and_a_little_different(
    tflite, half_tflite, values, values_by_keras, style, size
):
    stylized = interpreted(half_tflite, values(*size)[np.newaxis])
    differences = np.abs(stylized[0] - values_by_keras(values(*size)))
    assert differences.mean() < 3e-3
    assert differences.max() < 5e-2
    saved = tflite.stat().st_size - half_tflite.stat().st_size
    weights = sum(weight.nbytes for weight in style.generator_weights().values())
    assert saved == pytest.approx(weights / 2, rel=0.1)


def test_keras_loads_what_was_written(style, keras_file):
    loaded = keras.models.load_model(keras_file)
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 64, 80, 3)).astype(np.float32)
    expected = formats.loaded_generator(style)(picture)
    np.testing.assert_array_equal(loaded(picture), expected)


def test_an_unfinished_file_has_another_name_with_the_same_suffix(tmp_path):
    target = tmp_path / "new" / "cezanne.keras"
    with finished_file(target) as fresh:
        fresh.write_bytes(b"half")
        assert not target.exists()
        assert fresh.parent == target.parent
        assert (fresh.suffix, fresh.name[0]) == (".keras", ".")
    assert [*target.parent.iterdir()] == [target]
    assert target.read_bytes() == b"half"


@pytest.mark.parametrize("raised", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_file_leaves_nothing_behind(tmp_path, raised):
    def write():
        with finished_file(tmp_path / "cezanne.onnx") as fresh:
            fresh.write_bytes(b"half")
            raise raised

    with pytest.raises(ExportError if isinstance(raised, OSError) else raised):
        write()
    assert [*tmp_path.iterdir()] == []


def test_a_file_that_is_there_is_not_replaced(style, tmp_path):
    target = tmp_path / "cezanne.keras"
    target.write_text("mine")
    with pytest.raises(ExportError, match=r"cezanne.keras exists: choose another --output"):
        export_keras(style, target)
    assert target.read_text() == "mine"


def test_a_file_made_meanwhile_is_not_replaced(style, tmp_path, monkeypatch):
    target = tmp_path / "cezanne.keras"

    def slowly(style):
        target.write_text("mine")
        return formats_loaded_generator(style)

    formats_loaded_generator = formats.loaded_generator
    monkeypatch.setattr(formats, "loaded_generator", slowly)
    with pytest.raises(ExportError, match=r"cezanne.keras exists: choose another --output"):
        export_keras(style, target)
    assert target.read_text() == "mine"
    assert [*tmp_path.iterdir()] == [target]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(ExportError, match=r"cezanne.onnx cannot be written"),
        finished_file(tmp_path / "file" / "cezanne.onnx"),
    ):
        pass


@pytest.fixture
def short_floats():
    """Keras as floatx in a keras.json may set it up."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float16")
    yield
    keras.config.set_dtype_policy(before)


@pytest.mark.usefixtures("short_floats")
@pytest.mark.parametrize("export", [export_keras, export_onnx])
def test_weights_of_another_precision_are_not_written(style, tmp_path, export):
    with pytest.raises(ExportError, match=r"weights of float16.*set floatx to float32"):
        export(style, tmp_path / "cezanne.keras")
    assert [*tmp_path.iterdir()] == []
