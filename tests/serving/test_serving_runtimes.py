"""The exported model in processes that have neither this package nor Keras, against Keras."""

import numpy as np
import pytest

UINT8, FLOAT = "serving_default", "stylize_float"
ENCODED = ("stylize_encoded", "stylize_encoded_png")
EVERY = frozenset({UINT8, FLOAT, *ENCODED})
TAKES = {
    "c_api": EVERY,
    "python_loader": EVERY,
    "grpc_stub": EVERY,
    # It cannot convert the loop over files, nor their decoding.
    "openvino_runtime": frozenset({UINT8, FLOAT}),
    # This client cannot name a signature.
    "ovms_client": frozenset({UINT8}),
}
RUN_THE_C_LIBRARY = ("c_api", "grpc_stub", "ovms_client")
NEEDS_IT = pytest.mark.needs("C library")


def runtimes_with(*signatures):
    return pytest.mark.parametrize(
        "runtime",
        [
            pytest.param(name, marks=NEEDS_IT if name in RUN_THE_C_LIBRARY else ())
            for name, taken in TAKES.items()
            if taken.issuperset(signatures)
        ],
    )


SIZES = ((96, 64), (37, 53), (5, 200), (1, 1))


@pytest.fixture(scope="session")
def files(photograph, as_file):
    """Batches of picture files: of one size, and of several."""
    sizes = {"of one size": [(40, 56)] * 3, "of several": [(70, 31), (40, 56), (1, 1)]}
    formats = (("JPEG", {"quality": 90, "subsampling": "4:4:4"}), ("PNG", {}), ("PNG", {}))
    return {
        name: [
            as_file(photograph(*size, number), kind, **options)
            for number, (size, (kind, options)) in enumerate(zip(batch, formats, strict=True))
        ]
        for name, batch in sizes.items()
    }


@pytest.fixture(scope="session")
def good_requests(photograph, files):
    requests = {}
    for height, width in SIZES:
        batch = np.stack([photograph(height, width, seed) for seed in range(2)])
        requests[UINT8, height, width] = (UINT8, {"image": batch})
        # Not only values that are whole levels.
        values = (batch + np.linspace(-0.4, 0.4, width)[:, np.newaxis]).clip(0, 255) / 255
        requests[FLOAT, height, width] = (FLOAT, {"image": values.astype(np.float32)})
    requests["one"] = (UINT8, {"image": photograph(64, 80)[np.newaxis]})
    for signature in ENCODED:
        for name, batch in files.items():
            requests[signature, name] = (signature, {"image_bytes": batch})
    return requests


@pytest.fixture
def answers(answers_of, runtime):
    return answers_of(runtime, TAKES[runtime])


@runtimes_with(UINT8)
def test_levels_equal_those_of_keras(answers, good_requests, levels_by_keras):
    for key, (signature, inputs) in good_requests.items():
        if signature == UINT8:
            answer = answers[key]["stylized"]
            assert (answer.dtype, answer.shape) == (np.uint8, inputs["image"].shape)
            for stylized, picture in zip(answer, inputs["image"], strict=True):
                assert np.abs(stylized - levels_by_keras(picture)).max() <= 1, key


@runtimes_with(FLOAT)
def test_values_equal_those_of_keras(answers, good_requests, values_by_keras):
    for key, (signature, inputs) in good_requests.items():
        if signature == FLOAT:
            answer = answers[key]["stylized"]
            assert (answer.dtype, answer.shape) == (np.float32, inputs["image"].shape)
            expected = np.stack([values_by_keras(picture) for picture in inputs["image"]])
            np.testing.assert_allclose(answer, expected, rtol=0, atol=1e-4)


@runtimes_with(*ENCODED)
@pytest.mark.parametrize("batch", ["of one size", "of several"])
def test_files_equal_what_keras_makes_of_them(
    answers, files, levels_by_keras, pixels, as_file, batch
):
    as_jpeg, as_png = (answers[signature, batch]["stylized_bytes"] for signature in ENCODED)
    assert len(as_jpeg) == len(as_png) == 3
    for content, jpeg, png in zip(files[batch], as_jpeg, as_png, strict=True):
        assert jpeg.startswith(b"\xff\xd8\xff")
        assert png.startswith(b"\x89PNG")
        stylized = pixels(png)
        assert np.abs(stylized - levels_by_keras(pixels(content))).max() <= 1
        # Pillow's encoder, at the quality and chroma that the contract names.
        same = as_file(stylized.astype(np.uint8), "JPEG", quality=95, subsampling="4:4:4")
        assert np.abs(pixels(jpeg) - pixels(same)).max() <= 1
