import base64
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.client import main

ANSWER = b"\xff\xd8\xff what the server made of it"


@dataclass
class Server:
    """A stand-in that answers by TensorFlow Serving's REST interface with the same file always."""

    url: str = ""
    refusal: str | None = None
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def pictures(self) -> list[np.ndarray]:
        contents = [
            base64.b64decode(question["instances"][0]["image_bytes"]["b64"])
            for _, question in self.asked
        ]
        return [np.asarray(Image.open(io.BytesIO(content))) for content in contents]


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.asked.append((self.path, json.loads(body)))
            answer: dict[str, Any] = {"predictions": [{"b64": base64.b64encode(ANSWER).decode()}]}
            if state.refusal is not None:
                answer = {"error": state.refusal}
            self.send_response(200 if state.refusal is None else 400)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            """Keeps the test's output clean."""

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        state.url = f"http://127.0.0.1:{listening.server_port}"
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield state
        listening.shutdown()
        thread.join()


def send(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """Two pixels wide and one high as it lies in the file; upright it is one wide and two high."""
    picture = Image.fromarray(np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    path = tmp_path / "größe 1.png"
    picture.save(path, exif=exif)
    return path


def test_a_picture_is_sent_upright_and_the_answer_written_beside_it(
    server: Server, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert send("--url", server.url, "--model", "cezanne", photograph) == 0
    ((path, question),) = server.asked
    assert path == "/v1/models/cezanne:predict"
    assert question["signature_name"] == "stylize_encoded"
    (picture,) = server.pictures()
    np.testing.assert_array_equal(picture, [[[255, 0, 0]], [[0, 0, 255]]])
    result = photograph.with_name("größe 1_stylized.jpg")
    assert result.read_bytes() == ANSWER
    assert str(result) in capsys.readouterr().out


def test_png_results_are_asked_for_by_their_signature(
    server: Server, photograph: Path, tmp_path: Path
) -> None:
    output = tmp_path / "results"
    assert send("--url", server.url, "--format", "png", "--output", output, photograph) == 0
    assert server.asked[0][1]["signature_name"] == "stylize_encoded_png"
    assert [path.name for path in output.iterdir()] == ["größe 1_stylized.png"]


def test_a_refusal_names_the_file_and_says_why(
    server: Server, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.refusal = "A picture has 1 to 4 pixels"
    assert send("--url", server.url, photograph) == 1
    message = capsys.readouterr().err
    assert photograph.name in message
    assert "A picture has 1 to 4 pixels" in message
    assert list(photograph.parent.iterdir()) == [photograph]


def test_a_server_that_is_not_there_is_said_to_be(
    server: Server, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert send("--url", "http://127.0.0.1:1", photograph) == 1
    assert "does not answer" in capsys.readouterr().err


def test_results_that_are_there_are_replaced_only_if_that_is_meant(
    server: Server, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = photograph.with_name("größe 1_stylized.jpg")
    result.write_text("mine")
    assert send("--url", server.url, photograph) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert (result.read_text(), server.asked) == ("mine", [])
    assert send("--url", server.url, "--overwrite", photograph) == 0
    assert result.read_bytes() == ANSWER


def test_two_pictures_for_one_result_are_refused(
    server: Server, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = photograph.with_suffix(".bmp")
    Image.open(photograph).save(other)
    assert send("--url", server.url, photograph, other) == 2
    assert "same result" in capsys.readouterr().err
    assert server.asked == []


@pytest.mark.parametrize("url", ["localhost:8500", "ftp://host", "http://"])
def test_addresses_of_other_kinds_are_refused(
    url: str, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert send("--url", url, photograph) == 2
    assert "grpc://HOST:PORT" in capsys.readouterr().err
