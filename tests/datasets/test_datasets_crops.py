import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.datasets import crops as crops_module
from adaptive_style_tf.datasets.cache import PictureCache
from adaptive_style_tf.datasets.crops import CropSettings, CropSource
from adaptive_style_tf.errors import DataError, PictureError
from adaptive_style_tf.images.decoding import read_picture
from adaptive_style_tf.images.grain import grain

SETTINGS = CropSettings(image_size=32)
ORDERS = [[6, 1, 4, 2, 5, 3, 0], [4, 5, 1, 0, 2, 6, 3], [0, 3, 6, 5, 4, 1, 2]]


@pytest.fixture
def files(tmp_path):
    """Seven pictures, each of one shade of grey that tells which it is."""
    paths = []
    for index in range(7):
        path = tmp_path / f"{index}.png"
        Image.new("RGB", (900 + index, 820), (30 * index + 20,) * 3).save(path)
        paths.append(path)
    return paths


@pytest.fixture
def reads(monkeypatch):
    """Counts how often each file is read from disk."""
    counter = Counter()

    def counted(path, **options):
        counter[path] += 1
        return read(path, **options)

    read = crops_module.read_picture
    monkeypatch.setattr(crops_module, "read_picture", counted)
    return counter


def test_a_crop_depends_on_seed_and_number_alone(files):
    source = CropSource(files, "painting", SETTINGS, seed=3)
    forward = [source.crop(n) for n in range(20)]
    fresh = CropSource(files, "painting", SETTINGS, seed=3, cache_bytes=0)
    for n in (19, 3, 11, 0):
        assert np.array_equal(fresh.crop(n), forward[n])
    assert forward[0].dtype == np.float32
    assert forward[0].shape == (32, 32, 3)
    other_seed = CropSource(files, "painting", SETTINGS, seed=4)
    assert [other_seed.file_of(n) for n in range(20)] != [source.file_of(n) for n in range(20)]


def test_the_folder_does_not_matter_the_order_does(files, tmp_path):
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    copies = [moved / path.name for path in files]
    for path, copy in zip(files, copies, strict=True):
        copy.write_bytes(path.read_bytes())
    ours = CropSource(files, "photograph", SETTINGS, seed=0)
    theirs = CropSource(copies, "photograph", SETTINGS, seed=0)
    assert all(np.array_equal(ours.crop(n), theirs.crop(n)) for n in range(8))


def test_these_crops_stay_the_same_in_every_release(files):
    # What resumed runs rely on; the same numbers follow from NumPy's documented bit streams:
    for epoch in range(3):
        bits = np.random.Philox(np.random.SeedSequence(0, spawn_key=(0, 0, epoch))).random_raw(7)
        assert [bits[index] for index in ORDERS[epoch]] == sorted(bits)
    source = CropSource(files, "painting", SETTINGS, seed=0)
    epochs = [[int(source.file_of(7 * epoch + i).stem) for i in range(7)] for epoch in range(3)]
    assert epochs == ORDERS


def test_every_file_once_an_epoch_in_ever_new_order(files):
    source = CropSource(files, "painting", SETTINGS, seed=1)
    epochs = [tuple(source.file_of(7 * epoch + i) for i in range(7)) for epoch in range(30)]
    assert all(sorted(epoch) == files for epoch in epochs)
    assert len(set(epochs)) >= 29
    assert len({epoch[0] for epoch in epochs}) >= 5
    assert epochs[0] == tuple(source.file_of(i) for i in range(7))  # long after it was forgotten


def test_each_visit_of_a_file_is_augmented_anew(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (820, 900, 3), np.uint8)
    path = tmp_path / "only.png"
    Image.fromarray(noise).save(path)
    source = CropSource([path], "painting", SETTINGS, seed=1)
    assert len({source.crop(n).tobytes() for n in range(10)}) == 10


def test_paintings_and_photographs_are_drawn_independently(files):
    paintings = CropSource(files, "painting", SETTINGS, seed=1)
    photographs = CropSource(files, "photograph", SETTINGS, seed=1)
    pairs = [(paintings.file_of(n), photographs.file_of(n)) for n in range(700)]
    assert len(set(pairs)) > 40  # of 49


def test_photographs_are_doubled_and_paintings_are_not(files):
    wave = (127.5 + 120 * np.sin(2 * np.pi * np.arange(900) / 20)).astype(np.uint8)
    Image.fromarray(np.tile(wave[None, :, None], (880, 1, 3))).save(files[0])

    def periods(kind):
        source = CropSource(files[:1], kind, CropSettings(image_size=600), seed=0)
        spectra = []
        for n in range(12):
            row = source.crop(n)[300, :, 1]
            spectra.append(np.argmax(np.abs(np.fft.rfft(row - row.mean()))))
        return 600 / np.median(spectra)

    assert periods("painting") == pytest.approx(20, rel=0.15)
    assert periods("photograph") == pytest.approx(40, rel=0.15)


def test_settings_reach_the_crops(files):
    noise = np.random.default_rng(0).integers(0, 256, (820, 900, 3), np.uint8)
    Image.fromarray(noise).save(files[0])
    plain, bug, stretched = (
        CropSource(files[:1], "painting", settings, seed=0)
        for settings in (
            CropSettings(900),
            CropSettings(900, scale_bug=True),
            CropSettings(900, stretch_small_crops=True),
        )
    )
    assert any(not np.array_equal(plain.crop(n), bug.crop(n)) for n in range(6))
    assert any(not np.array_equal(plain.crop(n), stretched.crop(n)) for n in range(6))


def test_batches_are_consecutive_crops(files):
    source = CropSource(files, "painting", SETTINGS, seed=0)
    batch = source.batch(step=4, batch_size=3)
    assert batch.shape == (3, 32, 32, 3)
    assert np.array_equal(batch, np.stack([source.crop(n) for n in (12, 13, 14)]))


def test_decoded_pictures_are_kept(files, reads):
    source = CropSource(files, "painting", SETTINGS, seed=0)
    for n in range(28):
        source.crop(n)
    assert set(reads.values()) == {1}


def test_a_file_that_breaks_is_replaced_and_reported_once(files, reads):
    reported = []
    before = CropSource(files, "painting", SETTINGS, seed=0)
    expected_file = before.file_of(1)
    broken = before.file_of(0)
    whole = broken.read_bytes()
    broken.write_bytes(whole[: len(whole) // 2])

    def source():
        return CropSource(
            files, "painting", SETTINGS, seed=0, on_unreadable=lambda *args: reported.append(args)
        )

    first = source()
    crops = [first.crop(n) for n in range(14)]
    assert [path for path, _ in reported] == [broken]
    assert str(broken) in reported[0][1]
    assert reads[broken] == 1
    # the place of the broken file is taken by the next one, with its own draws
    assert reads[expected_file] == 1
    assert np.array_equal(source().crop(0), crops[0])
    backward = source()
    assert all(np.array_equal(backward.crop(n), crops[n]) for n in reversed(range(14)))


def test_two_threads_that_meet_a_broken_file_report_it_once(files, monkeypatch):
    reported = []
    source = CropSource(
        files, "painting", SETTINGS, seed=0, on_unreadable=lambda *args: reported.append(args)
    )
    broken = source.file_of(0)
    together = threading.Barrier(2, timeout=30)

    def read(path):
        if path == broken:
            together.wait()
            raise PictureError(f"{path} is damaged.")
        return read_picture(path)

    monkeypatch.setattr(crops_module, "read_picture", read)
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(source.crop, (0, 0))
    assert np.array_equal(first, second)
    assert reported == [(broken, f"{broken} is damaged.")]


def test_no_readable_file_is_an_error_that_is_kept(files):
    for path in files:
        path.write_bytes(b"")
    source = CropSource(files, "painting", SETTINGS, seed=0)
    with pytest.raises(DataError, match="None of the 7 paintings can be read"):
        source.crop(0)
    assert isinstance(source.failure, DataError)
    with pytest.raises(DataError, match="no photographs"):
        CropSource([], "photograph", SETTINGS, seed=0)


def test_many_threads_give_the_same_crops(files):
    source = CropSource(files, "painting", SETTINGS, seed=0, cache_bytes=6_000_000)
    alone = CropSource(files, "painting", SETTINGS, seed=0)
    with ThreadPoolExecutor(8) as threads:
        for n, crop in enumerate(threads.map(source.crop, range(60))):
            assert np.array_equal(crop, alone.crop(n))


def test_the_cache_keeps_what_was_used_last_within_its_limit(tmp_path):
    loads = Counter()

    def load(path):
        loads[path.name] += 1
        return np.zeros((10, 10, 3), np.uint8)  # 300 bytes

    cache = PictureCache(load, max_bytes=650)
    for name in "abacab":  # a, b kept; a used; c pushes b out; a; b pushes c out
        cache.get(tmp_path / name)
        assert cache.used_bytes <= 650
    assert loads == {"a": 1, "b": 2, "c": 1}
    assert cache.used_bytes == 600
    with pytest.raises(ValueError, match="read-only"):
        cache.get(tmp_path / "a")[0, 0, 0] = 1
    too_small = PictureCache(load, max_bytes=299)
    too_small.get(tmp_path / "d")
    too_small.get(tmp_path / "d")
    assert loads["d"] == 2
    assert too_small.used_bytes == 0


def test_grain_is_added_to_crops_from_a_place_of_each_ones_own(files):
    plain, grained = (
        CropSource(files, "photograph", CropSettings(image_size=64, grain=levels), seed=3)
        for levels in (0.0, 6.0)
    )
    added = [(grained.crop(n) - plain.crop(n)) * 127.5 for n in range(12)]
    assert np.std(added) == pytest.approx(6.0, rel=0.1)
    for one, other in pairwise(added):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.2
    np.testing.assert_array_equal(grained.crop(5), grained.crop(5))
    # It is the field's: as wide as that, so that the network meets in use what it has learned.
    found = np.mean([np.mean(part[:, :-2] * part[:, 2:]) for part in added]) / np.var(added)
    field = grain(500, 500)
    assert found == pytest.approx(np.mean(field[:, :-2] * field[:, 2:]), abs=0.05)
