import math

import numpy as np
import pytest

from adaptive_style_tf.images.grain import PERIODS, grain


def test_a_part_of_the_field_is_the_same_wherever_it_is_cut_from() -> None:
    whole = grain(300, 520)
    assert np.array_equal(grain(40, 70, 250, 440), whole[250:290, 440:510])


def test_the_field_does_not_repeat_with_its_tiles() -> None:
    row = grain(1, 3 * max(PERIODS))[0, :, 0]
    for period in PERIODS:
        likeness = np.corrcoef(row[:-period], row[period:])[0, 1]
        assert 0.3 < likeness < 0.7  # one of two tiles of equal strength


def test_the_field_repeats_after_the_product_of_its_periods() -> None:
    assert math.gcd(*PERIODS) == 1
    assert np.array_equal(grain(5, 5), grain(5, 5, math.prod(PERIODS), math.prod(PERIODS)))


def test_the_field_has_mean_0_and_deviation_1_and_independent_channels() -> None:
    field = grain(2000, 2000).reshape(-1, 3).astype(np.float64)
    assert field.mean(axis=0) == pytest.approx((0, 0, 0), abs=0.01)
    assert np.cov(field.T) == pytest.approx(np.eye(3), abs=0.03)


@pytest.mark.parametrize("axis", [0, 1])
def test_grain_is_as_wide_as_its_blur(axis: int) -> None:
    # White noise through a Gaussian filter of deviation s is correlated as exp(-d^2 / (4 s^2)).
    field = np.moveaxis(grain(1000, 1000)[..., 0], axis, 0)
    for distance in (1, 2, 4):
        found = np.mean(field[:-distance] * field[distance:])
        assert found == pytest.approx(math.exp(-(distance**2) / (4 * 1.6**2)), abs=0.03)


def test_there_is_no_seam_where_a_tile_begins_anew() -> None:
    steps = np.abs(np.diff(grain(2000, 1200)[..., 0], axis=1)).mean(axis=0)
    for period in PERIODS:
        assert steps[period - 1] == pytest.approx(steps.mean(), rel=0.25)
