import numpy as np
import pytest

from adaptive_style_tf.errors import PictureError
from adaptive_style_tf.images.decoding import (
    read_picture,
    read_picture_size,
    read_whole_picture,
)
from adaptive_style_tf.images.encoding import write_picture, write_whole_picture


def test_paths_may_be_given_as_texts(tmp_path):
    picture = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    path = str(tmp_path / "picture.png")
    write_picture(path, picture)
    assert np.array_equal(read_picture(path), picture)
    assert read_picture_size(path) == (7, 5)
    copy = str(tmp_path / "copy.png")
    write_whole_picture(copy, read_whole_picture(path))
    assert np.array_equal(read_picture(copy), picture)


def test_a_text_without_a_file_is_missing_and_not_damaged(tmp_path):
    with pytest.raises(PictureError, match=r"nowhere\.png cannot be read: No such file"):
        read_picture(str(tmp_path / "nowhere.png"))
