"""The requests that a server answers before anybody's."""

import pytest
import tensorflow as tf
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

MOST = 1000  # records; TensorFlow Serving takes no more


@pytest.fixture(scope="module")
def requests(exported):
    """What lies in the file, as TensorFlow reads it: signature and inputs."""
    path = exported / "assets.extra" / "tf_serving_warmup_requests"
    asked = []
    for record in tf.data.TFRecordDataset(str(path)):
        log = PredictionLog.FromString(record.numpy())
        assert log.WhichOneof("log_type") == "predict_log"
        request = log.predict_log.request
        inputs = {key: tf.make_ndarray(message) for key, message in request.inputs.items()}
        asked.append((request.model_spec.signature_name, inputs))
    return asked


def test_every_signature_is_asked_for(requests):
    assert {signature for signature, _ in requests} == {
        "serving_default",
        "stylize_float",
        "stylize_encoded",
        "stylize_encoded_png",
    }
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
