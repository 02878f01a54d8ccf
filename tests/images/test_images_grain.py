import itertools
import math

import numpy as np
import pytest

from adaptive_style_tf.images.grain import REPEATS, TILES, Tile, grain, noise


def test_a_part_of_the_field_is_the_same_wherever_it_is_cut_from() -> None:
    whole = grain(300, 520)
    assert np.array_equal(grain(40, 70, 250, 440), whole[250:290, 440:510])


@pytest.mark.parametrize("tile", TILES)
def test_where_one_tile_begins_anew_the_others_do_not(tile: Tile) -> None:
    field = grain(600, 1600)[..., 0]
    likeness = np.corrcoef(field[:, : -tile.period].ravel(), field[:, tile.period :].ravel())[0, 1]
    assert likeness == pytest.approx(tile.strength**2, abs=0.08)


def test_the_field_repeats_after_the_product_of_its_periods() -> None:
    assert all(math.gcd(a.period, b.period) == 1 for a, b in itertools.combinations(TILES, 2))
    assert np.array_equal(grain(5, 5), grain(5, 5, REPEATS, REPEATS))


def test_the_field_has_mean_0_and_deviation_1_and_independent_channels() -> None:
    field = grain(2000, 2000).reshape(-1, 3).astype(np.float64)
    assert field.mean(axis=0) == pytest.approx((0, 0, 0), abs=0.01)
    assert np.cov(field.T) == pytest.approx(np.eye(3), abs=0.03)


@pytest.mark.parametrize("axis", [0, 1])
def test_four_fifths_are_fine_and_the_rest_is_broad(axis: int) -> None:
    # White noise through a Gaussian filter of deviation s is correlated as exp(-d^2 / (4 s^2)).
    field = np.moveaxis(grain(2000, 2000)[..., 0], axis, 0)
    for distance in (1, 2, 4, 12, 28):
        found = np.mean(field[:-distance] * field[distance:])
        fine, broad = (math.exp(-(distance**2) / (4 * blur**2)) for blur in (1.6, 14))
        assert found == pytest.approx(0.8 * fine + 0.2 * broad, abs=0.03)


@pytest.mark.parametrize("tile", TILES)
def test_there_is_no_seam_where_a_tile_begins_anew(tile: Tile) -> None:
    values = noise(tile)
    steps = np.abs(np.diff(np.concatenate([values, values[:1]]), axis=0)).mean(axis=(1, 2))
    assert steps[-1] == pytest.approx(steps.mean(), rel=0.4)
