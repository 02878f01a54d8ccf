import sys

import pytest

from adaptive_style_tf.errors import MissingExtraError
from adaptive_style_tf.export import main
from adaptive_style_tf.serving.clients import over_grpc
from adaptive_style_tf.serving.formats import export_onnx
from adaptive_style_tf.serving.saved_model import export_saved_model
from adaptive_style_tf.styles import read_style


@pytest.fixture
def without(monkeypatch):
    """Takes a library away."""
    return lambda name: monkeypatch.setitem(sys.modules, name, None)


def test_warm_up_names_its_extra_and_leaves_nothing(without, untrained_style_folder, tmp_path):
    without("tensorflow_serving.apis.prediction_log_pb2")
    with pytest.raises(MissingExtraError, match=r"--no-warm-up.*adaptive-style-tf\[serving\]"):
        export_saved_model(read_style(untrained_style_folder), tmp_path / "served")
    assert list(tmp_path.iterdir()) == []


def test_onnx_names_its_extra(without, untrained_style_folder, tmp_path):
    without("tf2onnx")
    with pytest.raises(MissingExtraError, match=r"pip install 'adaptive-style-tf\[onnx\]'"):
        export_onnx(read_style(untrained_style_folder), tmp_path / "x.onnx")
    assert list(tmp_path.iterdir()) == []


def test_grpc_names_its_extra(without):
    without("grpc")
    with pytest.raises(MissingExtraError, match=r"pip install 'adaptive-style-tf\[serving\]'"):
        over_grpc("localhost:8500", "cezanne", "stylize_encoded", 1.0)


def test_the_command_tells_it_in_one_sentence(without, untrained_style_folder, tmp_path, capsys):
    without("tf2onnx")
    words = ["--style", untrained_style_folder, "--output", tmp_path / "x.onnx"]
    assert main([str(word) for word in (*words, "--format", "onnx")]) == 1
    assert "ONNX needs the extra `onnx`" in capsys.readouterr().err
