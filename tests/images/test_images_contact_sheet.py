import numpy as np
import pytest

from adaptive_style_tf.images.contact_sheet import contact_sheet


def plain(height: int, width: int, value: int) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def test_every_picture_lies_in_its_row_and_the_rest_is_white() -> None:
    sheet = contact_sheet([[plain(10, 20, 1), plain(6, 5, 2)], [plain(4, 50, 3)]])
    assert sheet.shape == (10 + 8 + 4, 50, 3)
    expected = np.full((22, 50), 255)
    expected[0:10, 0:20] = 1
    expected[0:6, 28:33] = 2
    expected[18:22, 0:50] = 3
    assert np.array_equal(sheet, np.dstack([expected] * 3))


@pytest.mark.parametrize("rows", [[], [[]], [[plain(1, 1, 0)], []]])
def test_a_sheet_without_pictures_is_refused(rows: list[list[np.ndarray]]) -> None:
    with pytest.raises(ValueError, match="at least one picture"):
        contact_sheet(rows)
