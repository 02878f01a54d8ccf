"""A thousand requests that no picture can come of, sent to a server that has to outlive them."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.needs("C library")
UINT8, FLOAT, ENCODED = "serving_default", "stylize_float", "stylize_encoded"
HUGE = 50_000  # px; decoded, 7.5 GB
LONG = 300_000  # px; a picture of one line takes 64 lines in the network


@pytest.fixture(scope="module")
def jpeg(photograph, as_file):
    return as_file(photograph(40, 50), "JPEG", subsampling="4:4:4")


@pytest.fixture(scope="module")
def png(photograph, as_file):
    return as_file(photograph(40, 50), "PNG")


@pytest.fixture(scope="module")
def huge_jpeg(jpeg):
    """A JPEG whose header promises another size than it has."""
    sides = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:sides] + struct.pack(">HH", HUGE, HUGE) + jpeg[sides + 4 :]


@pytest.fixture(scope="module")
def huge_png(png):
    """A PNG whose header promises another size than it has, with the right checksum."""
    header = b"IHDR" + struct.pack(">II", HUGE, HUGE) + png[24:29]
    return png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:]


@pytest.fixture(scope="module")
def thin_png(as_file):
    """A few kilobytes of a single column."""
    return as_file(np.zeros((LONG, 1, 3), np.uint8), "PNG")


def peak_memory(process: int) -> int:
    """The most that a process has had resident, in bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def arrays_of_other_kinds(random):
    """Wrong types, ranks, channels and sizes."""
    sides = [int(side) for side in random.integers(1, 9, 2)]
    signature = str(random.choice([UINT8, FLOAT]))
    right = {UINT8: np.uint8, FLOAT: np.float32}[signature]
    wrong_types = {np.uint8, np.float32, np.float64, np.int32, np.int64} - {right}
    shape, dtype = {
        0: ((1, *sides, 3), sorted(wrong_types, key=str)[random.integers(4)]),
        1: ((*sides, 3), right),
        2: ((1, 1, *sides, 3), right),
        3: ((1, *sides, int(random.choice([0, 1, 2, 4]))), right),
        4: ((0, *sides, 3), right),
        5: ((1, 0, sides[0], 3), right),
        6: ((1, sides[0], 0, 3), right),
        7: ((), right),
    }[int(random.integers(8))]
    return signature, {"image": np.zeros(shape, dtype)}


def noise(random):
    begins = [b"", b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"][random.integers(4)]
    return begins + random.bytes(int(random.integers(0, 300)))


@pytest.fixture(scope="module")
def malformed(jpeg, png, huge_jpeg, huge_png):
    random = np.random.default_rng(1)

    def files(*contents):
        return ENCODED, {"image_bytes": [*contents]}

    def cut(content):
        return content[: random.integers(len(content))]

    requests = {}
    for number in range(250):
        requests["noise", number] = files(noise(random))
        requests["arrays", number] = arrays_of_other_kinds(random)
    for number in range(150):
        requests["cut JPEG", number] = files(cut(jpeg))
        requests["cut PNG", number] = files(png, cut(png))
    for number in range(50):
        requests["huge JPEG", number] = files(huge_jpeg)
        requests["huge PNG", number] = files(huge_png)
        requests["no files", number] = files()
    for number in range(10):
        requests["a grid of files", number] = (
            ENCODED,
            {"image_bytes": np.array([[jpeg, png]], object)},
        )
        requests["one file alone", number] = ENCODED, {"image_bytes": np.array(png, object)}
        requests["files as pictures", number] = UINT8, {"image": [jpeg]}
        requests["other input", number] = UINT8, {"picture": np.zeros((1, 8, 8, 3), np.uint8)}
        requests["other signature", number] = "stylise", {"image": np.zeros((1, 8, 8, 3), np.uint8)}
    return requests


@pytest.fixture(scope="module")
def answers(ask, server, malformed, photograph):
    """To all of them, and to a good request before and after; and how much memory they took."""
    good = UINT8, {"image": photograph(37, 53)[np.newaxis]}
    before = peak_memory(server.process.pid)
    answered = ask("grpc_stub", server.grpc, {"first": good, **malformed, "last": good})
    return answered, peak_memory(server.process.pid) - before


def test_each_of_a_thousand_malformed_requests_is_refused(answers, malformed):
    assert len(malformed) == 1000
    taken = [key for key in malformed if not isinstance(answers[0][key], str)]
    assert taken == []
    other = [key for key in malformed if "StatusCode.INVALID_ARGUMENT" not in answers[0][key]]
    assert other == []


def test_the_server_lives_and_answers_the_next_good_request(
    answers, server, photograph, levels_by_keras
):
    assert server.process.poll() is None
    for key in ("first", "last"):
        (stylized,) = answers[0][key]["stylized"]
        assert np.abs(stylized - levels_by_keras(photograph(37, 53))).max() <= 1


def test_promised_pixels_take_no_memory(answers):
    assert answers[1] < 3 * HUGE**2 / 8


@pytest.mark.parametrize("kind", ["huge JPEG", "huge PNG"])
def test_the_message_names_the_limit_and_the_promised_size(answers, kind):
    said = answers[0][kind, 0]
    assert f"A picture has 1 to] [{4096 * 4096}] [pixels, " in said
    assert f"received height and width:] [{HUGE}] [{HUGE}]" in said


@pytest.mark.parametrize("kind", ["file", "array"])
def test_a_line_of_pixels_counts_as_what_it_is_extended_to(ask, server, thin_png, kind):
    requests = {
        "file": (ENCODED, {"image_bytes": [thin_png]}),
        "array": (UINT8, {"image": np.zeros((1, 1, LONG, 3), np.uint8)}),
    }
    answer = ask("grpc_stub", server.grpc, {"one": requests[kind]})["one"]
    assert "A picture has 1 to" in answer
    assert str(LONG) in answer


def test_the_message_names_the_shape_that_pictures_have(answers, malformed):
    for key, (_, inputs) in malformed.items():
        if key[0] == "arrays" and inputs["image"].ndim in (3, 5):
            assert "is not compatible with expected shape [?,?,?,3]" in answers[0][key]


def test_an_empty_batch_is_said_to_be_one(answers):
    assert "A batch has at least one picture" in answers[0]["no files", 0]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_the_message_names_the_index_of_what_is_no_picture(ask, server, jpeg, png, index):
    files = [jpeg, png]
    files.insert(index, b"GIF89a")
    asked = {"one": (ENCODED, {"image_bytes": [*files, b"BM"]})}
    answer = ask("grpc_stub", server.grpc, asked)["one"]
    assert f"Neither JPEG nor PNG: image_bytes at index] [{index}]" in answer
