from pathlib import Path

from adaptive_style_tf.datasets.discovery import Collection
from adaptive_style_tf.datasets.inspection import Inspection
from adaptive_style_tf.datasets.report import report_data


def pictures(what, count, size, hashes=True):
    files = tuple(Path(what) / f"{index:03d}.jpg" for index in range(count))
    # Apart by far more than the bits by which copies differ.
    found = tuple(0xFFFFF << (20 * index) for index in range(count)) if hashes else ()
    return Collection(Path(what), files), Inspection(files, (size,) * count, found, ())


def enlarged(size, image_size, style_scale):
    report = report_data(
        pictures("paintings", 5, size), pictures("photos", 5, size), image_size, style_scale
    )
    return report.paintings.enlarged


def test_the_scale_of_the_crops_decides_what_is_enlarged():
    assert enlarged((600, 600), 256, 1.0) == 5  # to 800
    assert enlarged((600, 600), 256, 0.85) == 0  # to 680
    assert enlarged((1000, 1000), 256, 1.0) == 0
    assert enlarged((1000, 1000), 256, 1.3) == 5
    assert enlarged((1000, 1000), 768, 0.5) == 0  # 500, and on to the crop's 768


def test_the_scale_of_photographs_is_their_own():
    report = report_data(
        pictures("paintings", 5, (1000, 1000)), pictures("photos", 5, (500, 500)), 256, 1.0, 1.5
    )
    assert (report.paintings.enlarged, report.photographs.enlarged) == (0, 5)


def test_it_says_where_near_duplicates_were_not_looked_for():
    report = report_data(
        pictures("paintings", 5, (1000, 1000)), pictures("photos", 5, (500, 500), hashes=False), 256
    )
    said = [line for line in report.lines() if "no near-duplicates looked for" in line]
    assert len(said) == 1
    assert said[0] in report.photographs.lines()
