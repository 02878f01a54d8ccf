import numpy as np
import pytest

from adaptive_style_tf.errors import NonFiniteError
from adaptive_style_tf.images.contact_sheet import GAP
from adaptive_style_tf.training.sample_sheets import compose_sheet, sheet_path


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


def test_a_sheet_is_named_by_its_step(tmp_path):
    assert sheet_path(tmp_path / "samples", 1500) == tmp_path / "samples" / "step_001500.jpg"


def test_a_name_beyond_six_digits_is_not_cut(tmp_path):
    assert sheet_path(tmp_path, 1_234_567).name == "step_1234567.jpg"
