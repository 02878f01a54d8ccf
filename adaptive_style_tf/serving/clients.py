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
from urllib.parse import SplitResult, quote, urlsplit

from adaptive_style_tf.errors import MissingExtraError, ServerError, UsageError
from adaptive_style_tf.serving.file_kinds import JPEG_BEGINS, PNG_BEGINS

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
        UsageError: the address is of another kind, or no model can have this name.
    """
    if not model or not model.isprintable():
        raise UsageError(f"--model must be a name. Received: {model!r}")
    address = address_of(url)
    if address.scheme == "grpc":
        return over_grpc(address.netloc, model, signature, timeout)
    return lambda content: over_rest(url, model, signature, content, timeout)


def address_of(url: str) -> SplitResult:
    """A server's address in its parts.

    Raises:
        UsageError: it is of another kind, or none.
    """
    wanted = (
        f"--url must be http://HOST:PORT, https://HOST:PORT or grpc://HOST:PORT. Received: {url}"
    )
    try:
        parts = urlsplit(url)
        port = parts.port
        named = bool(parts.hostname and parts.hostname.encode("idna"))
    except ValueError as error:  # of brackets, ports and names
        raise UsageError(f"{wanted} ({error})") from error
    written = url.isprintable() and not any(letter.isspace() for letter in url)
    more = parts.username is not None or parts.query or parts.fragment
    # Without a port, gRPC takes that of HTTPS.
    known = parts.scheme in ("http", "https") or (
        parts.scheme == "grpc" and port is not None and parts.path in ("", "/")
    )
    if not (named and written and known) or more:
        raise UsageError(wanted)
    return parts


def over_rest(url: str, model: str, signature: str, content: bytes, timeout: float) -> bytes:
    """One picture by a `:predict` request, in base64.

    Raises:
        ServerError: nobody answers in time, or the answer is a refusal or no picture.
    """
    address = address_of(url)
    path = f"{quote(address.path.rstrip('/'), safe='/%')}/v1/models/{quote(model, safe='')}:predict"
    question = {
        "signature_name": signature,
        "instances": [{"image_bytes": {"b64": base64.b64encode(content).decode()}}],
    }
    request = urllib.request.Request(
        address._replace(path=path).geturl(),
        data=json.dumps(question).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            answer = response.read()
    except urllib.error.HTTPError as error:
        words = refusal(what_came(error)) or f"status {error.code}"
        raise ServerError(f"{url} refuses: {words}") from error
    except http.client.IncompleteRead as error:
        raise ServerError(
            f"{url} breaks off its answer ({error}): send the picture anew"
        ) from error
    except (OSError, http.client.HTTPException) as error:  # refused, timed out, or not HTTP
        if isinstance(getattr(error, "reason", error), TimeoutError):
            raise ServerError(late(url, timeout)) from error
        raise ServerError(f"{url} does not answer ({error}): is the server running?") from error
    try:
        (prediction,) = json.loads(answer)["predictions"]
        # With one output the server leaves out its name.
        encoded = prediction.get("stylized_bytes", prediction)
        picture = base64.b64decode(encoded["b64"], validate=True)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise ServerError(no_picture(url, answer)) from error
    if not is_picture(picture):
        raise ServerError(no_picture(url, answer))
    return picture


def is_picture(content: bytes) -> bool:
    """Whether a file begins as a JPEG or PNG."""
    return content.startswith((JPEG_BEGINS, PNG_BEGINS))


def no_picture(address: str, answer: bytes) -> str:
    """What is said of an answer that is none."""
    return f"{address} answers something else than a picture: {answer[:80]!r}"


def late(address: str, timeout: float) -> str:
    """What is said when the answer takes longer than somebody waits."""
    return f"{address} has not answered within {timeout:g} seconds: allow it more by --timeout"


def what_came(error: urllib.error.HTTPError) -> bytes:
    """The body of a refusal, as far as the server sent it."""
    try:
        return error.read()
    except http.client.IncompleteRead as cut:
        return cut.partial
    except OSError:  # the refusal itself stands in the error
        return b""


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
            if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
                raise ServerError(late(address, timeout)) from error
            if error.code() == grpc.StatusCode.UNAVAILABLE:
                raise ServerError(
                    f"{address} does not answer ({error.details()}): is the server running?"
                ) from error
            raise ServerError(f"{address} refuses: {error.details()}") from error
        stylized = answer.outputs["stylized_bytes"].string_val
        if len(stylized) != 1 or not is_picture(stylized[0]):
            raise ServerError(no_picture(address, b"".join(stylized)))
        return bytes(stylized[0])

    return send
