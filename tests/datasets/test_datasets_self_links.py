import pytest

from adaptive_style_tf.datasets.discovery import find_pictures


def test_links_to_themselves_do_not_end_the_search(tmp_path):
    for name in ("loop", "loop.jpg"):
        try:
            (tmp_path / name).symlink_to(name)
        except OSError as error:
            pytest.skip(f"this system makes no links: {error}")
    (tmp_path / "real.jpg").touch()
    # The one that is called a picture is kept, to be reported when it is read.
    assert find_pictures(tmp_path) == [tmp_path / "loop.jpg", tmp_path / "real.jpg"]
