"""The exported model behind a server, asked over the network by clients of others and by ours."""

import socket

import numpy as np
import pytest

from adaptive_style_tf.client import main
from adaptive_style_tf.errors import ServerError
from adaptive_style_tf.serving.clients import MODEL, sender

PATIENCE = 300.0  # seconds
SIGNATURES = ("stylize_encoded", "stylize_encoded_png")


@pytest.fixture(params=["grpc", "rest"])
def url(request, server):
    return server.rest if request.param == "rest" else f"grpc://{server.grpc}"


@pytest.fixture
def nobody():
    """A port of this machine at which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))  # but never listens
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.needs("C library")
def test_another_client_sends_an_hd_picture(ask, server, photograph, levels_by_keras):
    picture = photograph(1080, 1920)
    asked = {"one": ("serving_default", {"image": picture[np.newaxis]})}
    (stylized,) = ask("ovms_client", server.grpc, asked)["one"]["stylized"]
    assert stylized.shape == (1080, 1920, 3)
    assert np.abs(stylized - levels_by_keras(picture)).max() <= 1


@pytest.mark.needs("C library")
def test_the_server_describes_what_it_takes(ask, server):
    described = ask("ovms_client", server.grpc, {"one": ("metadata", {})})["one"]
    any_picture = {"dtype": "DT_UINT8", "shape": [-1, -1, -1, 3]}
    assert described["inputs"] == {"image": any_picture}
    assert described["outputs"] == {"stylized": any_picture}


@pytest.mark.needs("C library")
def test_our_client_gets_a_png_that_equals_what_keras_makes(
    url, photograph, as_file, pixels, levels_by_keras
):
    picture = photograph(37, 70)
    answer = sender(url, MODEL, "stylize_encoded_png", PATIENCE)(as_file(picture, "PNG"))
    assert answer.startswith(b"\x89PNG")
    assert np.abs(pixels(answer) - levels_by_keras(picture)).max() <= 1


@pytest.mark.needs("C library")
def test_our_client_gets_a_jpeg(url, photograph, as_file, pixels):
    answer = sender(url, MODEL, "stylize_encoded", PATIENCE)(as_file(photograph(37, 70), "JPEG"))
    assert answer.startswith(b"\xff\xd8\xff")
    assert pixels(answer).shape == (37, 70, 3)


@pytest.mark.needs("C library")
def test_our_command_writes_what_the_server_answers(url, photograph, as_file, pixels, tmp_path):
    source = tmp_path / "photo.png"
    source.write_bytes(as_file(photograph(37, 70), "PNG"))
    assert main(["--url", url, "--output", str(tmp_path / "new"), str(source)]) == 0
    assert pixels((tmp_path / "new" / "photo_stylized.jpg").read_bytes()).shape == (37, 70, 3)


@pytest.mark.needs("C library")
def test_what_the_model_says_reaches_who_asked(url):
    send = sender(url, MODEL, "stylize_encoded", PATIENCE)
    with pytest.raises(ServerError, match=r"Neither JPEG nor PNG: image_bytes at index\] \[0\]"):
        send(b"GIF89a")


@pytest.mark.needs("C library")
def test_another_model_is_refused(url, as_file, photograph):
    with pytest.raises(ServerError, match="refuses"):
        sender(url, "nobody", "stylize_encoded", PATIENCE)(as_file(photograph(8, 8), "PNG"))


@pytest.fixture(params=["grpc", "http"])
def scheme(request):
    return request.param


def test_a_server_that_is_down_is_said_to_be(nobody, scheme):
    send = sender(f"{scheme}://{nobody}", MODEL, "stylize_encoded", PATIENCE)
    with pytest.raises(ServerError, match=f"{nobody} does not answer .*: is the server running?"):
        send(b"")


def test_a_server_that_never_answers_is_given_up(scheme):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ServerError, match=rf"{address} .* within 0.2 seconds: .* --timeout"):
            sender(f"{scheme}://{address}", MODEL, "stylize_encoded", 0.2)(b"")


@pytest.mark.needs("C library")
def test_a_port_of_the_other_kind_is_said_not_to_answer(server, scheme):
    address = {"grpc": server.rest.removeprefix("http://"), "http": server.grpc}[scheme]
    with pytest.raises(ServerError, match=f"{address} does not answer"):
        sender(f"{scheme}://{address}", MODEL, "stylize_encoded", PATIENCE)(b"")
