import numpy as np
import pytest

from adaptive_style_tf.images.contact_sheet import contact_sheet, enlarged_detail


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


def test_a_caption_stands_under_its_picture_and_changes_nothing_of_it() -> None:
    rows = [[plain(10, 90, 1), plain(6, 95, 2)], [plain(4, 50, 3)]]
    sheet = contact_sheet(rows, [["one", "two"], ["three"]])
    assert sheet.shape == (10 + 22 + 8 + 4 + 22, 90 + 8 + 95, 3)
    assert (sheet[:10, :90] == 1).all()
    assert (sheet[:6, 98:193] == 2).all()
    assert (sheet[40:44, :50] == 3).all()
    below = {"one": sheet[10:32, :90], "two": sheet[6:28, 98:], "three": sheet[44:66]}
    for text, strip in below.items():
        letters = (strip < 100).any(axis=(1, 2))
        assert 8 <= letters.sum() <= 14, text  # px, of 14 px letters
        assert not letters[0], text
        assert not letters[-1], text
    assert not np.array_equal(below["one"][:, :60], below["two"][:, :60])


def test_a_caption_wider_than_its_picture_keeps_the_next_picture_off() -> None:
    sheet = contact_sheet([[plain(10, 5, 1), plain(10, 5, 2)]], [["a rather long caption", ""]])
    (second,) = {
        left for left in range(sheet.shape[1] - 4) if (sheet[:10, left : left + 5] == 2).all()
    }
    columns = np.flatnonzero((sheet[10:] < 200).any(axis=(0, 2)))
    assert columns.max() < second
    assert second > 100


def test_captions_must_fit_the_pictures() -> None:
    with pytest.raises(ValueError, match=r"rows of \[2\] pictures and of \[1\] captions"):
        contact_sheet([[plain(9, 9, 1), plain(9, 9, 2)]], [["one"]])


def test_a_detail_is_the_middle_with_every_pixel_a_square() -> None:
    picture = np.arange(6 * 9 * 3, dtype=np.uint8).reshape(6, 9, 3)
    detail = enlarged_detail(picture, 4, 3)
    assert detail.shape == (12, 12, 3)
    assert np.array_equal(detail, np.kron(picture[1:5, 2:6], np.ones((3, 3, 1), np.uint8)))
    assert enlarged_detail(picture, 200, 2).shape == (12, 12, 3)
