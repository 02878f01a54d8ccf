"""The requests that a server answers before anybody's."""

import pytest
import tensorflow as tf
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

from adaptive_style_tf.serving.saved_model import export_saved_model

MOST = 1000  # records; TensorFlow Serving takes no more
EVERY = {"serving_default", "stylize_float", "stylize_encoded", "stylize_encoded_png"}


def requests_in(model):
    """What lies in the file, as TensorFlow reads it: signature and inputs."""
    path = model / "assets.extra" / "tf_serving_warmup_requests"
    asked = []
    for record in tf.data.TFRecordDataset(str(path)):
        log = PredictionLog.FromString(record.numpy())
        assert log.WhichOneof("log_type") == "predict_log"
        request = log.predict_log.request
        inputs = {key: tf.make_ndarray(message) for key, message in request.inputs.items()}
        asked.append((request.model_spec.signature_name, inputs))
    return asked


@pytest.fixture(scope="module")
def requests(exported):
    return requests_in(exported)


def test_every_signature_is_asked_for(requests):
    assert {signature for signature, _ in requests} == EVERY
    assert len(requests) < MOST


def test_files_have_the_common_sizes(requests, pixels):
    files = [inputs["image_bytes"][0] for _, inputs in requests if "image_bytes" in inputs]
    assert {pixels(file).shape[:2] for file in files} >= {(720, 1280), (1080, 1920)}


@pytest.mark.needs("C library")
def test_each_one_runs(ask, exported, requests, pixels):
    answers = ask("c_api", exported, dict(enumerate(requests)))
    for number, (_, inputs) in enumerate(requests):
        (output,) = answers[number].values()
        if "image" in inputs:
            assert output.shape == inputs["image"].shape
        else:
            (content,) = output
            assert pixels(content).shape == pixels(inputs["image_bytes"][0]).shape


@pytest.mark.needs("C library")
@pytest.mark.parametrize("limit", [64 * 64, 1280 * 720])
def test_each_one_keeps_to_the_limit_of_its_model(ask, style, tmp_path, limit):
    """A server does not load a model that refuses one of them."""
    model = export_saved_model(style, tmp_path / "served", max_pixels=limit)
    requests = requests_in(model)
    assert {signature for signature, _ in requests} == EVERY
    answers = ask("c_api", model, dict(enumerate(requests)))
    assert [answer for answer in answers.values() if isinstance(answer, str)] == []
