import numpy as np
import pytest

from adaptive_style_tf.training.painted_windows import (
    PaintedWindows,
    as_levels,
    basis_of,
    drawn_filters,
    drawn_patches,
    features_of,
    from_levels,
)
from adaptive_style_tf.training.palette import Palette
from adaptive_style_tf.training.patches import LEVELS, MARGIN, PATCH, stride_of

GRAYS = Palette((0.0, 0.0, 0.0), (0.3, 0.3, 0.3))


def quarter(kind, random):
    """A window of 128 px: dark or light, calm or rich in edges, of these four in this order."""
    middle = -0.4 if kind in (0, 1) else 0.4
    strength = 0.02 if kind in (0, 2) else 0.3
    squares = random.choice([-1.0, 1.0], size=(16, 16, 1)).repeat(8, 0).repeat(8, 1)
    return (middle + strength * squares).repeat(3, axis=-1).astype(np.float32)


def crop(seed):
    """All four kinds, one beside the other."""
    random = np.random.default_rng(seed)
    upper, lower = (
        np.concatenate([quarter(kind, random) for kind in pair], axis=1)
        for pair in ((0, 1), (2, 3))
    )
    return np.concatenate([upper, lower])


@pytest.fixture(scope="module")
def windows():
    return PaintedWindows(
        [crop(seed) for seed in range(4)], [crop(seed) for seed in range(10, 14)], GRAYS, seed=3
    )


def test_each_window_is_compared_with_one_that_is_like_it(windows):
    references = windows.look(0, crop(20)[np.newaxis]).references
    assert references.shape == (4, 128, 128, 3)
    assert np.sign(references.mean(axis=(1, 2, 3))).tolist() == [-1, -1, 1, 1]
    assert (references.std(axis=(1, 2, 3)) > 0.15).tolist() == [False, True, False, True]


def test_a_reference_is_a_window_of_a_painting(windows):
    painted = [quarter for seed in range(4) for quarter in np.split(crop(seed), 2)]
    painted = [half for both in painted for half in np.split(both, 2, axis=1)]
    for reference in windows.look(1, crop(21)[np.newaxis]).references:
        apart = [np.abs(reference - window).max() for window in painted]
        assert min(apart) < 1 / 127.5


def test_windows_looked_for_have_more_edges_by_half_a_deviation(monkeypatch):
    def strengths(seed):
        return np.exp(np.random.default_rng(seed).uniform(np.log(0.03), np.log(0.5), 4))

    def crop(seed):
        random = np.random.default_rng(seed)
        squares = [random.choice([-1, 1], (16, 16, 1)).repeat(8, 0).repeat(8, 1) for _ in range(4)]
        one, two, three, four = (s * k for s, k in zip(squares, strengths(seed), strict=True))
        gray = np.concatenate([np.concatenate([one, two], 1), np.concatenate([three, four], 1)])
        return gray.repeat(3, axis=-1).astype(np.float32)

    windows = PaintedWindows(
        [crop(seed) for seed in range(40)], [crop(seed) for seed in range(40, 60)], GRAYS, seed=3
    )

    def mean_logarithm():
        looks = [windows.look(step, crop(step)[np.newaxis]) for step in range(60, 90)]
        return np.mean([np.log(look.references.std(axis=(1, 2, 3))) for look in looks])

    busier = mean_logarithm()
    monkeypatch.setattr("adaptive_style_tf.training.painted_windows.BUSIER", 0)
    deviation = np.std([np.log(strengths(seed)) for seed in range(40)])
    assert busier - mean_logarithm() == pytest.approx(0.5 * deviation, rel=0.3)


def test_fine_filters_see_grays_and_coarse_ones_colors():
    tinted = [crop(seed) * np.float32([1, 0.5, -0.5]) for seed in range(2)]
    filters = PaintedWindows(tinted, tinted, GRAYS, seed=3).look(0, tinted[0][np.newaxis]).filters
    assert filters.shape[:4] == (LEVELS, PATCH, PATCH, 3)
    # How far a filter's three channels differ, beside its size: of grays not at all.
    apart = filters.std(axis=3).max(axis=(1, 2)) / np.abs(filters).max(axis=(1, 2, 3))
    assert apart[:2].max() < 1e-5
    # A gray filter sees the mean of the three: its responses to paintings have a variance of one.
    patches = drawn_patches(np.stack(tinted), np.random.default_rng(0))
    variances = (patches @ filters[0].reshape(PATCH * PATCH * 3, -1)).var(axis=0)
    assert variances.mean() == pytest.approx(1, rel=0.25)
    assert apart[2:].min() > 0.05


def test_a_step_gets_the_same_whatever_came_before(windows):
    photographs = crop(22)[np.newaxis]
    first = windows.look(7, photographs)
    other = windows.look(8, photographs)
    again = windows.look(7, photographs)
    for one, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, same)
    assert np.abs(first.filters - other.filters).max() > 0.01


def test_offsets_and_shifts_are_all_that_is_allowed(windows):
    looks = [windows.look(step, crop(23)[np.newaxis]) for step in range(120)]
    offsets = np.stack([look.offsets for look in looks])
    for level in range(LEVELS):
        found = set(offsets[:, level].ravel().tolist())
        assert found == set(range(stride_of(128 >> level)))
    shifts = np.stack([look.shift for look in looks])
    # Far enough that the whole's frame lies outside of the part on all four sides.
    assert (shifts.min(), shifts.max()) == (MARGIN // 4, 3 * MARGIN // 4)
    assert np.unique(shifts % 8).tolist() == list(range(8))


def test_features_of_stripes_by_hand():
    # Stripes of 8 px side by side, -0.5 and 0.3 in red, 0.1 elsewhere.
    window = np.full((1, 128, 128, 3), 0.1, np.float32)
    window[..., 0] = np.where(np.arange(128) // 8 % 2, 0.3, -0.5)
    gray_low, gray_high = (-0.5 + 0.2) / 3, (0.3 + 0.2) / 3
    mean = (gray_low + gray_high) / 2
    step = gray_high - gray_low
    found = features_of(window)[0]
    assert found[:4] == pytest.approx([mean, -0.1 - mean, 0.1 - mean, 0.1 - mean], abs=1e-6)
    # Of 31 pairs of neighbors of 4 px 15 differ; of 8 px all do; of 16 px none.
    expected = [np.log(0.01), np.log(step * 15 / 31 + 0.01), np.log(0.01), np.log(step + 0.01)]
    assert found[4:] == pytest.approx(
        [*expected, np.log(0.01), np.log(0.01), np.log(step / 2 + 0.01)], abs=1e-4
    )


def test_filters_respond_to_paintings_with_a_variance_of_one():
    random = np.random.default_rng(0)
    smooth = random.normal(size=(8, 16, 16, 3)).repeat(8, 1).repeat(8, 2).astype(np.float32)
    smooth += 0.1 * random.normal(size=smooth.shape).astype(np.float32)
    patches = drawn_patches(smooth, random)
    basis = basis_of(patches)
    filters = np.concatenate([drawn_filters(basis, random) for _ in range(8)], axis=-1)
    variances = (patches @ filters.reshape(PATCH * PATCH * 3, -1)).var(axis=0)
    assert variances.mean() == pytest.approx(1, rel=0.15)


def test_patches_are_cut_from_the_windows():
    rows, columns, colors = np.mgrid[:20, :20, :3]
    window = (1000 * rows + 10 * columns + colors)[np.newaxis].astype(np.float32)
    patches = drawn_patches(window, np.random.default_rng(1)).reshape(-1, PATCH, PATCH, 3)
    corner = patches[:, :1, :1, :1]
    np.testing.assert_array_equal(
        patches - corner, np.broadcast_to(window[0, :7, :7], patches.shape)
    )
    places = corner.ravel()
    assert {*places // 1000} == {*places % 1000 / 10} == {*range(14)}


def test_levels_hold_pictures_to_half_a_level():
    values = np.random.default_rng(2).uniform(-1, 1, 1000).astype(np.float32)
    assert np.abs(from_levels(as_levels(values)) - values).max() <= 0.5 / 127.5 + 1e-6
    assert as_levels(np.float32([-1, 0.999, 1.2])).tolist() == [0, 255, 255]
