import sys

import pytest

from adaptive_style_tf.datasets.discovery import find_pictures


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_to_themselves_do_not_end_the_search(tmp_path):
    for name in ("loop", "loop.jpg"):
        (tmp_path / name).symlink_to(name)
    (tmp_path / "real.jpg").touch()
    # The one that is called a picture is kept, to be reported when it is read.
    assert find_pictures(tmp_path) == [tmp_path / "loop.jpg", tmp_path / "real.jpg"]
