"""Our REST and gRPC clients against servers that say what they are told to."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import grpc
import numpy as np
import pytest
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from adaptive_style_tf.errors import ServerError, UsageError
from adaptive_style_tf.serving.clients import sender


def coded(content: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(content).decode()}


# The client looks at how files begin.
PICTURE = b"\x89PNG\r\n\x1a\n and so on"
JPEG = b"\xff\xd8\xff and so on"
CODED = coded(PICTURE)


class Told(BaseHTTPRequestHandler):
    """Keeps the question, and answers what it was told."""

    answer: tuple[int, bytes]
    withheld = 0  # bytes that are announced and not sent
    asked: tuple[str, str, dict]

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked = (self.path, self.headers["Content-Type"], question)
        status, content = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) + self.withheld))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing on the console."""


@pytest.fixture
def rest() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Told) as pages:
        thread = Thread(target=pages.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{pages.server_port}"
        pages.shutdown()
        thread.join()


@pytest.fixture
def grpc_answering() -> Iterator[tuple[str, predict_pb2.PredictResponse]]:
    """An address, and the answer that it gives; it may be changed."""
    answer = predict_pb2.PredictResponse()

    class Service(prediction_service_pb2_grpc.PredictionServiceServicer):
        def Predict(self, request, context):  # noqa: N802
            return answer

    service = grpc.server(ThreadPoolExecutor(1), options=[("grpc.max_receive_message_length", -1)])
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Service(), service)
    port = service.add_insecure_port("127.0.0.1:0")
    service.start()
    yield f"grpc://127.0.0.1:{port}", answer
    service.stop(grace=None).wait()


def test_the_question_is_the_one_of_the_documentation(rest):
    Told.answer = 200, json.dumps({"predictions": [CODED]}).encode()
    assert sender(f"{rest}/", "cezanne", "stylize_encoded_png")(b"\xff\xd8\xff") == PICTURE
    assert Told.asked == (
        "/v1/models/cezanne:predict",
        "application/json",
        {
            "signature_name": "stylize_encoded_png",
            "instances": [{"image_bytes": {"b64": "/9j/"}}],
        },
    )


def test_a_model_may_have_any_letters_in_its_name(rest):
    Told.answer = 200, json.dumps({"predictions": [CODED]}).encode()
    assert sender(f"{rest}/by/caf\u00e9", "c\u00e9zanne/2?", "stylize_encoded")(b"") == PICTURE
    assert Told.asked[0] == "/by/caf%C3%A9/v1/models/c%C3%A9zanne%2F2%3F:predict"


def test_a_jpeg_is_a_picture_too(rest):
    Told.answer = 200, json.dumps({"predictions": [coded(JPEG)]}).encode()
    assert sender(rest, "cezanne", "stylize_encoded")(b"") == JPEG


@pytest.mark.parametrize("prediction", [CODED, {"stylized_bytes": CODED}], ids=["bare", "named"])
def test_the_picture_is_taken_with_the_outputs_name_or_without(rest, prediction):
    Told.answer = 200, json.dumps({"predictions": [prediction]}).encode()
    assert sender(rest, "cezanne", "stylize_encoded")(b"") == PICTURE


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"\xff",
        b"[]",
        b"{}",
        b'{"predictions": []}',
        b'{"predictions": ["text"]}',
        b'{"predictions": [{"b64": "%%%"}]}',
        b'{"predictions": [{"b64": 1}]}',
        json.dumps({"predictions": [CODED, CODED]}).encode(),
        b'{"predictions": [{"b64": ""}]}',
        json.dumps({"predictions": [coded(b"GIF89a")]}).encode(),
    ],
)
def test_an_answer_that_is_no_picture_is_shown(rest, answer):
    Told.answer = 200, answer
    with pytest.raises(ServerError, match="answers something else than a picture") as caught:
        sender(rest, "cezanne", "stylize_encoded")(b"")
    assert repr(answer[:80]) in str(caught.value)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": "Servable not found"}', "refuses: Servable not found"),
        (b"Bad Gateway", "refuses: Bad Gateway"),
        (b"[1]", r"refuses: \[1\]"),
        (b"\xff", "refuses: \N{REPLACEMENT CHARACTER}"),
        (b"", "refuses: status 404"),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(rest, body, said):
    Told.answer = 404, body
    with pytest.raises(ServerError, match=f"{rest} {said}"):
        sender(rest, "cezanne", "stylize_encoded")(b"")


def test_a_refusal_that_breaks_off_is_told_as_far_as_it_came(rest, monkeypatch):
    Told.answer = 500, b"The disk is"
    monkeypatch.setattr(Told, "withheld", 50)
    with pytest.raises(ServerError, match=f"{rest} refuses: The disk is$"):
        sender(rest, "cezanne", "stylize_encoded")(b"")


def test_an_answer_that_breaks_off_is_said_to(rest, monkeypatch):
    Told.answer = 200, json.dumps({"predictions": [CODED]}).encode()
    monkeypatch.setattr(Told, "withheld", 50)
    with pytest.raises(ServerError, match=f"{rest} breaks off its answer"):
        sender(rest, "cezanne", "stylize_encoded")(b"")


def test_an_answer_over_grpc_that_is_no_picture_is_refused(grpc_answering):
    url, answer = grpc_answering
    send = sender(url, "cezanne", "stylize_encoded")
    with pytest.raises(ServerError, match="answers something else than a picture"):
        send(b"")
    answer.outputs["stylized_bytes"].string_val.append(b"")
    with pytest.raises(ServerError, match="answers something else than a picture: b''"):
        send(b"")
    answer.outputs["stylized_bytes"].string_val[:] = [PICTURE]
    assert send(b"") == PICTURE


def test_messages_over_grpc_may_be_larger_than_its_usual_four_mebibytes(grpc_answering, as_file):
    url, answer = grpc_answering
    picture = as_file(np.zeros((1300, 1400, 3), np.uint8), "PNG", compress_level=0)
    assert len(picture) > 5 * 2**20
    answer.outputs["stylized_bytes"].string_val.append(picture)
    assert sender(url, "cezanne", "stylize_encoded")(picture) == picture


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8501",
        "ftp://localhost",
        "http://",
        "grpc:",
        "",
        "http://[::1",
        "http://:8501",
        "http://localhost:85o1",
        "http://localhost:85010",
        "http://local host:8501",
        "http://a..b:8501",
        "http://localhost:8501?model=cezanne",
        "http://me:secret@localhost:8501",
        "grpc://localhost",
        "grpc://localhost:8500/cezanne",
    ],
)
def test_an_address_of_another_kind_is_refused(url):
    with pytest.raises(UsageError, match="--url must be http://HOST:PORT"):
        sender(url, "cezanne", "stylize_encoded")


@pytest.mark.parametrize("name", ["", "\udcff"])
def test_a_name_that_no_model_has_is_refused(name):
    with pytest.raises(UsageError, match="--model must be a name"):
        sender("http://localhost:8501", name, "stylize_encoded")
