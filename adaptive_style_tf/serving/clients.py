"""Asking a model server for stylized pictures, over REST or gRPC.

Source: https://www.tensorflow.org/tfx/serving/api_rest and the PredictionService of
tensorflow-serving-api.
"""

import base64
import binascii
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from adaptive_style_tf.errors import MissingExtraError, ServerError, UsageError

MODEL = "stylizer"
MESSAGE_BYTES = 256 * 2**20  # gRPC takes 4 MiB unless told; a 4K picture as PNG has more
TIMEOUT = 120.0  # seconds; an HD picture takes some on a processor

Send = Callable[[bytes], bytes]  # a JPEG or PNG file to its stylized file


def sender(url: str, model: str, signature: str, timeout: float = TIMEOUT) -> Send:
    """What sends a file's bytes to a server and gives the result's bytes.

    Args:
        url: `http://host:8501` or `https://...` for REST, `grpc://host:8500` for gRPC.
        model: the name under which the server has the model.
        signature: `stylize_encoded` or `stylize_encoded_png`.
        timeout: seconds to wait for one answer.

    Raises:
        UsageError: the address is of another kind.
    """
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and parts.netloc:
        return lambda content: over_rest(url, model, signature, content, timeout)
    if parts.scheme == "grpc" and parts.netloc:
        return over_grpc(parts.netloc, model, signature, timeout)
    raise UsageError(
        f"--url must be http://HOST:PORT, https://HOST:PORT or grpc://HOST:PORT. Received: {url}"
    )


def over_rest(url: str, model: str, signature: str, content: bytes, timeout: float) -> bytes:
    """One picture by a `:predict` request, in base64.

    Raises:
        ServerError: nobody answers, or the answer is a refusal or no picture.
    """
    question = {
        "signature_name": signature,
        "instances": [{"image_bytes": {"b64": base64.b64encode(content).decode()}}],
    }
    request = urllib.request.Request(
        f"{url.rstrip('/')}/v1/models/{model}:predict",
        data=json.dumps(question).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            answer = response.read()
    except urllib.error.HTTPError as error:
        raise ServerError(f"{url} refuses: {refusal(error.read())}") from error
    except (OSError, http.client.HTTPException) as error:  # refused, timed out, or not HTTP
        raise ServerError(f"{url} does not answer ({error}): is the server running?") from error
    try:
        (prediction,) = json.loads(answer)["predictions"]
        # With one output the server leaves out its name.
        encoded = prediction.get("stylized_bytes", prediction)
        return base64.b64decode(encoded["b64"], validate=True)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise ServerError(
            f"{url} answers something else than a picture: {answer[:80]!r}"
        ) from error


def refusal(body: bytes) -> str:
    """The server's own words where they are in its answer."""
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body[:200].decode(errors="replace")


def over_grpc(address: str, model: str, signature: str, timeout: float) -> Send:
    """What sends pictures by `Predict` over one channel, with message limits raised.

    Raises:
        MissingExtraError: `serving` is not installed.
    """
    try:
        import grpc
        from tensorflow_serving.apis.predict_pb2 import PredictRequest
        from tensorflow_serving.apis.prediction_service_pb2_grpc import PredictionServiceStub
    except ImportError as error:
        raise MissingExtraError("gRPC", "serving", error) from error
    import tensorflow as tf

    limits = [
        ("grpc.max_send_message_length", MESSAGE_BYTES),
        ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ]
    stub = PredictionServiceStub(grpc.insecure_channel(address, options=limits))

    def send(content: bytes) -> bytes:
        request: Any = PredictRequest()
        request.model_spec.name = model
        request.model_spec.signature_name = signature
        request.inputs["image_bytes"].CopyFrom(tf.make_tensor_proto([content]))
        try:
            answer = stub.Predict(request, timeout=timeout)
        except grpc.RpcError as error:
            if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                raise ServerError(
                    f"{address} does not answer ({error.details()}): is the server running?"
                ) from error
            raise ServerError(f"{address} refuses: {error.details()}") from error
        stylized = answer.outputs["stylized_bytes"].string_val
        if len(stylized) != 1:
            raise ServerError(f"{address} answers something else than a picture")
        return bytes(stylized[0])

    return send
