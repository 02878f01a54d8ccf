import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.datasets.discovery import Collection
from adaptive_style_tf.datasets.duplicates import difference_hash, near_pairs
from adaptive_style_tf.datasets.inspection import Inspection, inspect_pictures
from adaptive_style_tf.datasets.places import SceneChoice
from adaptive_style_tf.datasets.report import report_data
from adaptive_style_tf.errors import DataError


def scene(seed, size=(240, 320)):
    """A picture with a composition of its own: blurred noise."""
    coarse = np.random.default_rng(seed).integers(0, 256, (7, 9, 3), np.uint8)
    return Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BICUBIC)


def test_inspection_sorts_the_usable_from_the_others(tmp_path):
    names = ["a.png", "b.jpg", "c.png", "d.jpg"]
    files = [tmp_path / name for name in names]
    scene(0).save(files[0])
    files[1].write_text("no picture")
    exif = Image.Exif()
    exif[0x0112] = 6
    scene(1).save(files[2], exif=exif)
    scene(2).save(files[3], quality=95)
    whole = files[3].read_bytes()
    files[3].write_bytes(whole[: len(whole) // 2])
    progress = []
    inspection = inspect_pictures(files, on_progress=lambda *args: progress.append(args))
    assert inspection.usable == (files[0], files[2])
    assert inspection.sizes == ((320, 240), (240, 320))
    assert len(inspection.hashes) == 2
    assert [file for file, _ in inspection.unreadable] == [files[1], files[3]]
    assert all(str(file) in reason for file, reason in inspection.unreadable)
    assert progress == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_of_large_collections_only_headers_are_read(tmp_path):
    files = [tmp_path / f"{index}.jpg" for index in range(4)]
    for index, file in enumerate(files):
        scene(index).save(file)
    cut = files[2].read_bytes()
    files[2].write_bytes(cut[: len(cut) * 3 // 4])
    files[3].write_bytes(b"")
    inspection = inspect_pictures(files, decode_limit=3)
    assert inspection.usable == tuple(files[:3])  # the cut one is met in training
    assert inspection.sizes == ((320, 240),) * 3
    assert inspection.hashes == ()
    assert inspect_pictures(files, decode_limit=4).usable == tuple(files[:2])


def test_none_usable_is_an_error(tmp_path):
    (tmp_path / "a.jpg").touch()
    with pytest.raises(DataError, match=r"None of 1 pictures can be used.*a\.jpg is empty"):
        inspect_pictures([tmp_path / "a.jpg"])


def test_copies_in_other_sizes_and_qualities_are_near_and_other_pictures_are_not(tmp_path):
    originals = [scene(seed) for seed in range(40)]
    hashes = [difference_hash(np.array(picture)) for picture in originals]
    scene(5).resize((200, 150)).save(tmp_path / "small.jpg", quality=40)
    cropped = originals[9].crop((3, 3, 318, 238))
    copies = [Image.open(tmp_path / "small.jpg"), cropped]
    hashes += [difference_hash(np.array(picture)) for picture in copies]
    assert near_pairs(hashes) == [(5, 40), (9, 41)]
    assert near_pairs([]) == []


def test_distances_are_counted_over_all_bits():
    assert near_pairs([0, (1 << 127) | 1, (1 << 70) - 1], near_bits=2) == [(0, 1)]
    assert near_pairs([0, 0b111], near_bits=2) == []
    assert near_pairs([0, 0b111 << 100], near_bits=2) == []


def collection(kind, count, size=(1000, 820), **changes):
    files = tuple(Path(f"/{kind}/{index}.jpg") for index in range(count))
    found = {"usable": files, "sizes": (size,) * count, "hashes": (), "unreadable": ()}
    return Collection(Path(f"/{kind}"), files), Inspection(**{**found, **changes})


PHOTOGRAPHS = collection("photos", 200, (640, 480))


def test_a_healthy_start_prints_no_word_of_failure():
    report = report_data(collection("paintings", 61), PHOTOGRAPHS, 256)
    assert report.warnings == ()
    text = "\n".join(report.lines()).lower()
    assert "61 in /paintings" in text
    assert "200 in /photos" in text
    assert "1000 x 820" in text
    assert not re.findall(r"error|fail|warn|unread|left out|damage|same|few|small|\s0\s", text)


def test_few_paintings():
    at_29 = report_data(collection("paintings", 29), PHOTOGRAPHS, 256)
    assert len(at_29.warnings) == 1
    assert "29 paintings are few" in at_29.warnings[0]
    assert "--init-from" in at_29.warnings[0]
    assert at_29.lines()[-1].startswith("Warning: 29 paintings")
    assert report_data(collection("paintings", 30), PHOTOGRAPHS, 256).warnings == ()


@pytest.mark.parametrize(
    ("size", "image_size", "small"),
    [
        ((799, 600), 256, True),  # long side below 800
        ((800, 600), 256, False),
        ((800, 600), 768, True),  # short side below the crop
        ((1000, 614), 768, True),
        ((1000, 615), 768, False),  # by less than a quarter
    ],
)
def test_many_small_paintings(size, image_size, small):
    mixed = ((1000, 820),) * 30 + (size,) * 20
    report = report_data(collection("paintings", 50, sizes=mixed), PHOTOGRAPHS, image_size)
    assert [("are small" in warning) for warning in report.warnings] == [True] * small
    if small:
        assert "20 of 50" in report.warnings[0]
        assert "--init-from" in report.warnings[0]
    assert report.paintings.enlarged == 20 * small


def test_a_few_small_paintings_are_counted_without_warning():
    sizes = ((1000, 820),) * 45 + ((700, 500),) * 5
    report = report_data(collection("paintings", 50, sizes=sizes), PHOTOGRAPHS, 256)
    assert report.warnings == ()
    assert "  5 are enlarged by more than a quarter" in report.lines()
    assert report.photographs.enlarged == 0  # their doubling does not count


def test_mixed_scales():
    sizes = ((1000, 900),) * 30 + ((4000, 3000),) * 30
    report = report_data(collection("paintings", 60, sizes=sizes), PHOTOGRAPHS, 256)
    assert report.paintings.spread == pytest.approx(4)
    assert "factor of 4.0" in report.warnings[0]


def test_duplicates_and_unreadable_files_are_counted_and_named():
    hashes = [index * (2**128 // 61) for index in range(60)]
    hashes[4] = hashes[3] ^ 1
    unreadable = tuple((Path(f"/p/bad{i}.jpg"), f"/p/bad{i}.jpg is empty.") for i in range(7))
    paintings = collection("paintings", 60, hashes=tuple(hashes), unreadable=unreadable)
    report = report_data(paintings, PHOTOGRAPHS, 256)
    text = "\n".join(report.lines())
    assert "  1 pair nearly the same:\n    3.jpg and 4.jpg" in text
    assert "  7 files left out as unreadable:\n    /p/bad0.jpg is empty." in text
    assert "    and 2 more" in text
    assert "bad5" not in text
    assert report.warnings == ()
    copies = collection("paintings", 60, hashes=tuple(hashes[i // 2] for i in range(60)))
    assert "nearly the same" in report_data(copies, PHOTOGRAPHS, 256).warnings[0]


def test_the_choice_of_scenes_is_told():
    found, inspection = PHOTOGRAPHS
    scenes = SceneChoice(tuple(range(200)), 900, 12)
    report = report_data(
        collection("paintings", 61),
        (Collection(found.folder, found.files, scenes), inspection),
        256,
    )
    assert any("200 of 900 pictures" in line for line in report.lines())
