import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.errors import NonFiniteError, PictureError
from adaptive_style_tf.training.sample_sheets import (
    GAP,
    compose_sheet,
    sheet_path,
    write_sheet,
)


def flat(*values, height=8, width=6):
    return np.stack([np.full((height, width, 3), value, np.float32) for value in values])


def test_rows_are_samples_and_columns_painting_photograph_result():
    sheet = compose_sheet(flat(-1.0, 0.0), flat(1.0, 0.5), flat(-0.5, -2.0))

    assert sheet.dtype == np.uint8
    assert sheet.shape == (2 * 8 + GAP, 3 * 6 + 2 * GAP, 3)
    across = [0, 6 + GAP, 2 * (6 + GAP)]
    levels = [[sheet[top, left, 0] for left in across] for top in (0, 8 + GAP)]
    # (v + 1) * 127.5, rounded: 63.75 -> 64, 127.5 -> 128 (to even), 191.25 -> 191
    assert levels == [[0, 255, 64], [128, 191, 0]]
    for left in across:
        assert (sheet[:8, left : left + 6] == sheet[0, left]).all()
        assert (sheet[8 + GAP :, left : left + 6] == sheet[8 + GAP, left]).all()


def test_gaps_are_white_and_nothing_else_is():
    sheet = compose_sheet(flat(0, 0, 0), flat(0, 0, 0), flat(0, 0, 0))
    white = (sheet == 255).all(axis=-1)
    assert white.sum() == sheet.shape[0] * sheet.shape[1] - 9 * 8 * 6
    assert white[8 : 8 + GAP].all()
    assert white[:, 6 : 6 + GAP].all()


def test_channels_keep_their_order():
    orange = np.broadcast_to(np.float32([1.0, 0.0, -1.0]), (1, 8, 6, 3))
    assert compose_sheet(orange, orange, orange)[0, 0].tolist() == [255, 128, 0]


def test_shapes_that_do_not_fit_and_nan_are_refused():
    with pytest.raises(ValueError, match="equal shapes"):
        compose_sheet(flat(0.0), flat(0.0, 0.0), flat(0.0))
    with pytest.raises(ValueError, match="equal shapes"):
        compose_sheet(flat(0.0)[0], flat(0.0)[0], flat(0.0)[0])
    with pytest.raises(NonFiniteError, match="NaN"):
        compose_sheet(flat(0.0), flat(0.0), flat(np.nan))


def test_a_sheet_is_written_as_jpeg_of_quality_95(tmp_path):
    path = sheet_path(tmp_path / "samples", 1500)
    photograph = np.linspace(-1, 1, 64 * 64 * 3, dtype=np.float32).reshape(1, 64, 64, 3)
    sheet = compose_sheet(photograph, -photograph, photograph)

    write_sheet(path, sheet)

    assert path == tmp_path / "samples" / "step_001500.jpg"
    assert [entry.name for entry in path.parent.iterdir()] == ["step_001500.jpg"]
    with Image.open(path) as picture:
        assert picture.format == "JPEG"
        # The first luminance step of the standard table is 16; quality 95 takes a tenth of it.
        assert picture.quantization[0][0] == 2
        difference = np.abs(np.asarray(picture).astype(int) - sheet)
    assert difference.mean() < 1


def test_an_old_sheet_survives_a_write_that_fails(tmp_path, monkeypatch):
    path = tmp_path / "step_000500.jpg"
    write_sheet(path, compose_sheet(flat(0.0), flat(0.0), flat(0.0)))
    before = path.read_bytes()

    def no_space(self, target, **options):
        target.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(Image.Image, "save", no_space)
    with pytest.raises(PictureError, match=r"step_000500.jpg.*No space left"):
        write_sheet(path, compose_sheet(flat(1.0), flat(1.0), flat(1.0)))
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_name_beyond_six_digits_is_not_cut(tmp_path):
    assert sheet_path(tmp_path, 1_234_567).name == "step_1234567.jpg"
