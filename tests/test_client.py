"""The client's command; what it says to servers is tested in tests/serving."""

import io
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.client import main
from adaptive_style_tf.errors import ServerError
from adaptive_style_tf.serving.clients import MODEL

URL = "http://localhost:8501"


ANSWER = b"\xff\xd8\xff and so on"


@dataclass
class Server:
    """Takes the place of what sends files to a server, and answers with the same file always."""

    refusal: str | None = None
    meanwhile: Callable[[], object] | None = None
    settings: tuple[object, ...] = ()
    asked: list[bytes] = field(default_factory=list)

    def sender(self, *settings: object) -> Callable[[bytes], bytes]:
        self.settings = settings
        return self.answer

    def answer(self, content: bytes) -> bytes:
        self.asked.append(content)
        if self.refusal is not None:
            raise ServerError(self.refusal)
        if self.meanwhile is not None:
            self.meanwhile()
        return ANSWER


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    stand_in = Server()
    monkeypatch.setattr("adaptive_style_tf.client.sender", stand_in.sender)
    return stand_in


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
    assert send("--url", URL, "--model", "cezanne", photograph) == 0
    assert server.settings == (URL, "cezanne", "stylize_encoded", 120)
    (content,) = server.asked
    picture = np.asarray(Image.open(io.BytesIO(content)))
    np.testing.assert_array_equal(picture, [[[255, 0, 0]], [[0, 0, 255]]])
    result = photograph.with_name("größe 1_stylized.jpg")
    assert result.read_bytes() == ANSWER
    assert str(result) in capsys.readouterr().out


def test_png_results_are_asked_for_by_their_signature(
    server: Server, photograph: Path, tmp_path: Path
) -> None:
    output = tmp_path / "new" / "results"
    assert send("--url", URL, "--format", "png", "--output", output, photograph) == 0
    assert server.settings == (URL, MODEL, "stylize_encoded_png", 120)
    assert [path.name for path in output.iterdir()] == ["größe 1_stylized.png"]


def test_a_refusal_names_the_file_and_says_why(
    server: Server, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.refusal = "A picture has 1 to 4 pixels"
    assert send("--url", URL, photograph) == 1
    message = capsys.readouterr().err
    assert photograph.name in message
    assert "A picture has 1 to 4 pixels" in message
    assert list(photograph.parent.iterdir()) == [photograph]


def test_a_server_that_is_not_there_is_said_to_be(
    photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert send("--url", "http://127.0.0.1:1", photograph) == 1
    assert "does not answer" in capsys.readouterr().err


@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_a_server_that_never_answers_is_given_up_after_the_timeout(
    scheme: str, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        assert send("--url", f"{scheme}://{address}", "--timeout", 0.25, photograph) == 1
    said = capsys.readouterr().err
    assert f"{address} has not answered within 0.25 seconds: allow it more by --timeout" in said
    assert photograph.name in said


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "soon"])
def test_a_timeout_is_a_number_of_seconds(
    seconds: str, server: Server, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        send("--url", URL, "--timeout", seconds, photograph)
    assert "a number above 0" in capsys.readouterr().err


def test_results_that_are_there_are_replaced_only_if_that_is_meant(
    server: Server, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = photograph.with_name("größe 1_stylized.jpg")
    result.write_text("mine")
    assert send("--url", URL, photograph) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert (result.read_text(), server.asked) == ("mine", [])
    assert send("--url", URL, "--overwrite", photograph) == 0
    assert result.read_bytes() == ANSWER


@pytest.mark.needs("links")
def test_a_link_to_nowhere_is_there_too(server: Server, photograph: Path) -> None:
    result = photograph.with_name("größe 1_stylized.jpg")
    result.symlink_to("nowhere")
    assert send("--url", URL, photograph) == 2
    assert (result.is_symlink(), server.asked) == (True, [])


def test_a_result_made_while_the_server_worked_is_not_replaced(
    server: Server, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = photograph.with_name("größe 1_stylized.jpg")
    server.meanwhile = lambda: result.write_text("mine")
    assert send("--url", URL, photograph) == 1
    assert f"{result} exists already" in capsys.readouterr().err
    assert result.read_text() == "mine"
    assert {*photograph.parent.iterdir()} == {photograph, result}


@pytest.mark.needs("links")
@pytest.mark.parametrize("linked", [False, True], ids=["itself", "by a link"])
def test_a_picture_is_never_replaced_by_a_result(
    server: Server, photograph: Path, capsys: pytest.CaptureFixture[str], linked: bool
) -> None:
    """As `--overwrite *.jpg` would, the second time."""
    result = photograph.with_name("größe 1_stylized.jpg")
    source = photograph.with_name("link.jpg") if linked else result
    result.write_bytes(ANSWER)
    if linked:
        source.symlink_to(result)
    assert send("--url", URL, "--overwrite", photograph, source) == 2
    assert f"{result} is one of the pictures themselves" in capsys.readouterr().err
    assert server.asked == []


@pytest.mark.needs("links")
def test_nor_by_a_result_in_a_folder_that_is_the_same_by_a_link(
    server: Server, photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = photograph.with_name("größe 1_stylized.jpg")
    source.write_bytes(ANSWER)
    link = tmp_path / "link"
    link.symlink_to(photograph.parent)
    assert send("--url", URL, "--overwrite", "--output", link, photograph, source) == 2
    assert "is one of the pictures themselves" in capsys.readouterr().err
    assert server.asked == []


@pytest.mark.parametrize("output", ["file", "file/below"])
def test_an_output_that_is_no_folder_is_refused_before_anything_is_sent(
    server: Server,
    photograph: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    output: str,
) -> None:
    (tmp_path / "file").touch()
    assert send("--url", URL, "--output", tmp_path / output, photograph) == 2
    assert f"{tmp_path / 'file'} is no folder" in capsys.readouterr().err
    assert server.asked == []


def test_a_folder_that_takes_no_files_is_refused_before_anything_is_sent(
    server: Server,
    photograph: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # The administrator, as who tests may run, can write anywhere.
    monkeypatch.setattr(os, "access", lambda _, mode: not mode & os.W_OK)
    assert send("--url", URL, photograph) == 2
    assert f"{photograph.parent} is no folder that can be written to" in capsys.readouterr().err
    assert server.asked == []


def test_a_folder_that_cannot_be_looked_into_is_said_to_be_one(
    server: Server,
    photograph: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def forbidden(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_dir", forbidden)
    assert send("--url", URL, photograph) == 2
    assert "--output cannot be looked into" in capsys.readouterr().err
    assert server.asked == []


def test_a_folder_in_the_place_of_a_result_is_refused(
    server: Server, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photograph.with_name("größe 1_stylized.jpg").mkdir()
    assert send("--url", URL, "--overwrite", photograph) == 2
    assert "is a folder" in capsys.readouterr().err
    assert server.asked == []


# Answers with a megabyte, and lets no file grow beyond a tenth of it.
ON_A_FULL_DISK = """
import resource, sys
from adaptive_style_tf import client
client.sender = lambda *settings: lambda content: bytes(1_000_000)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
sys.exit(client.main(sys.argv[1:]))
"""


@pytest.mark.needs("file size limits")
def test_a_result_that_cannot_be_written_leaves_what_was_there(photograph: Path) -> None:
    result = photograph.with_name("größe 1_stylized.jpg")
    result.write_text("mine")
    command = [sys.executable, "-c", ON_A_FULL_DISK, "--url", URL, "--overwrite", str(photograph)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert f"{result} cannot be written" in process.stderr
    assert result.read_text() == "mine"
    assert {*photograph.parent.iterdir()} == {photograph, result}


def test_two_pictures_for_one_result_are_refused(
    server: Server, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = photograph.with_suffix(".bmp")
    Image.open(photograph).save(other)
    for second in (other, photograph):
        assert send("--url", URL, photograph, second) == 2
        assert "same result" in capsys.readouterr().err
    assert server.asked == []


@pytest.mark.parametrize("url", ["localhost:8500", "ftp://host", "http://"])
def test_addresses_of_other_kinds_are_refused(
    url: str, photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert send("--url", url, photograph) == 2
    assert "grpc://HOST:PORT" in capsys.readouterr().err
