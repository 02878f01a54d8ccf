import keras
import numpy as np
import pytest

from adaptive_style_tf.models import Generator, read_weights
from adaptive_style_tf.training import first_weights
from adaptive_style_tf.training.abstraction import abstracted
from adaptive_style_tf.training.first_weights import (
    CORNERS,
    as_painted,
    main_directions,
    pairs,
    solve_first_weights,
    squares_of,
)
from adaptive_style_tf.training.palette import Palette, in_palette
from adaptive_style_tf.training.warm_start import let_the_latent_through

TONES = ((0.0, 0.0, 0.2), (0.0, 0.0, 0.1))
PALETTE = Palette((0.1, 0.0, -0.2), (0.3, 0.25, 0.2), tones=TONES)
SIDE = 96


def cloudy(seed):
    """A picture of soft spots in random colors, about 24 px and more apart."""
    random = np.random.default_rng(seed)
    small = random.uniform(-1, 1, (1, 6, 6, 3)).astype(np.float32)
    large = keras.ops.image.resize(small, (SIDE, SIDE), interpolation="bicubic")
    return np.clip(np.asarray(large[0]), -1, 1)


def begun(pictures, seed=0, told=lambda done, total: None):
    keras.utils.set_random_seed(3)
    generator = Generator(8)
    generator.build((None, None, None, 3))
    let_the_latent_through(generator)
    solve_first_weights(generator, pictures, PALETTE, seed, told)
    return generator


@pytest.fixture(scope="module")
def linear():
    return begun([cloudy(seed) for seed in range(12)])


def likeness(generator, picture):
    """Correlation of what a generator gives back with the picture in the palette."""
    target = np.asarray(in_palette(picture[np.newaxis], PALETTE))
    result = np.asarray(generator(picture[np.newaxis]))
    return np.corrcoef(result.ravel(), target.ravel())[0, 1]


def test_pictures_that_were_not_looked_at_come_back_before_the_first_step(linear):
    keras.utils.set_random_seed(3)
    by_chance = Generator(8)
    for seed in (100, 101, 102):
        assert likeness(linear, cloudy(seed)) > 0.95
        assert abs(likeness(by_chance, cloudy(seed))) < 0.7


def test_they_come_back_in_the_palette(linear):
    given = np.stack([cloudy(seed) for seed in range(100, 110)])
    result, target = np.asarray(linear(given)), np.asarray(in_palette(given, PALETTE))
    # By hand: the mean's gray is -1/30; the axes of colors are (1, -1, 0) and (1, 1, -2).
    tone = 0.2 * np.array([1, -1, 0]) / 2**0.5 + 0.1 * np.array([1, 1, -2]) / 6**0.5
    np.testing.assert_allclose(result.mean(axis=(0, 1, 2)), tone - 1 / 30, atol=0.05)
    spreads = [pictures.std(axis=(1, 2)).mean(axis=0) for pictures in (result, target)]
    np.testing.assert_allclose(*spreads, rtol=0.2)


def test_the_decoders_outer_layers_are_not_linear(linear):
    """Their ReLUs cut away a third; what came before passes nearly whole."""
    features = linear.encoder(np.stack([cloudy(seed) for seed in (100, 101)]))
    assert np.mean(np.asarray(features) == 0) < 0.1
    shares = []
    for block in linear.decoder.upsampling_blocks:
        features = block(features)
        shares.append(np.mean(np.asarray(features) == 0))
    assert shares[0] < 0.15
    assert all(0.2 < share < 0.5 for share in shares[1:]), shares


def test_what_comes_back_is_what_abstraction_makes_of_the_picture(monkeypatch):
    monkeypatch.setattr(first_weights, "abstracted", lambda pictures: -pictures)
    negative = begun([cloudy(seed) for seed in range(12)])
    # Not -1: the palette's means, which are alike, are in it too.
    assert likeness(negative, cloudy(100)) < -0.4


def test_the_aim_is_the_picture_in_patches_without_mean_and_spread():
    picture = np.random.default_rng(0).uniform(-1, 1, (32, 32, 3)).astype(np.float32)
    patches = np.asarray(abstracted(picture[np.newaxis]))[0]
    expected = (patches - patches.mean((0, 1))) / np.sqrt(patches.var((0, 1)) + 1e-5)
    np.testing.assert_allclose(as_painted(picture), expected, atol=1e-4)


def test_the_decoders_directions_are_those_of_the_aim(monkeypatch):
    seen = []

    def spied(pictures, *others):
        seen.append(pictures)
        return main_directions(pictures, *others)

    monkeypatch.setattr(first_weights, "main_directions", spied)
    begun([cloudy(0), cloudy(1)])
    assert len(seen) == 4  # up-sampling blocks
    for pictures in seen:
        np.testing.assert_array_equal(pictures, [as_painted(cloudy(0)), as_painted(cloudy(1))])


def test_the_latent_tells_the_square_that_belongs_to_it(linear):
    """By NumPy's least squares, on the middle position of pictures that were not looked at."""
    pictures = np.stack([cloudy(seed) for seed in range(200, 500)])
    latents = np.asarray(linear.encoder(pictures))[:, 3, 2]
    normalized = (pictures - pictures.mean((1, 2), keepdims=True)) / pictures.std(
        (1, 2), keepdims=True
    )
    own = normalized[:, 48:64, 32:48].mean(axis=(1, 2))
    far = normalized[:, 0:16, 80:96].mean(axis=(1, 2))
    known = np.concatenate([latents, np.ones((300, 1))], axis=1)
    for square, explained in ((own, True), (far, False)):
        fitted = np.linalg.lstsq(known[:200], square[:200], rcond=None)[0]
        left = np.square(square[200:] - known[200:] @ fitted).mean() / square[200:].var()
        assert left < 0.1 if explained else left > 0.5


def test_each_map_is_read_where_it_looks_at_the_pictures_corner(linear):
    """By the middles of what positions see, in pixels; the picture is padded by 15."""
    per_position, first = 1, -15
    for layer, convolve in enumerate(linear.encoder.convolutions):
        first += per_position  # a 3x3 kernel without padding: its middle is one position further
        per_position *= convolve.strides[0]
        middle_of_the_square = (2**layer - 1) / 2
        assert per_position == 2**layer
        distances = [abs(first + per_position * n - middle_of_the_square) for n in range(20)]
        assert int(np.argmin(distances)) == CORNERS[layer]


def test_channels_share_what_they_tell(linear):
    """Rotated directions: no channel that is hardly more than noise in a soft picture."""
    before = linear.encoder.convolutions[0](
        linear.encoder.pad(linear.encoder.normalize_picture(cloudy(100)[np.newaxis]))
    )
    spread = np.asarray(before).std(axis=(0, 1, 2))
    assert spread.min() > 0.1 * spread.max()


def test_the_seed_decides(linear):
    pictures = [cloudy(seed) for seed in range(3)]
    first, again, other = (read_weights(begun(pictures, seed)) for seed in (0, 0, 1))
    for name, value in first.items():
        np.testing.assert_array_equal(value, again[name])
    assert np.any(first["encoder/conv_5/kernel"] != other["encoder/conv_5/kernel"])


def test_flat_pictures_leave_finite_weights():
    flat = [np.full((64, 64, 3), value, np.float32) for value in (-0.5, 0.5)]
    assert all(np.isfinite(value).all() for value in read_weights(begun(flat)).values())


def test_every_look_is_told():
    told = []
    begun([cloudy(0), cloudy(1)], told=lambda *numbers: told.append(numbers))
    assert told == [(done, 20) for done in range(1, 21)]  # ten layers


def test_patches_are_what_a_convolution_sees():
    random = np.random.default_rng(0)
    features = random.normal(size=(13, 13, 2)).astype(np.float32)
    kernel = random.normal(size=(3, 3, 2, 4)).astype(np.float32)
    map_ = keras.ops.conv(features[np.newaxis], kernel, strides=2, data_format="channels_last")
    expected = np.asarray(map_)[0, 1:5, 1:5]  # the map is 6 x 6; its part from (1, 1) on
    patches, wanted = pairs(features, expected, 3, 2, 2, random)
    np.testing.assert_allclose(patches @ kernel.reshape(-1, 4), wanted, atol=1e-5)
    assert len({tuple(row) for row in wanted}) == 16


def test_squares_by_hand():
    picture = np.arange(4 * 4 * 3).reshape(4, 4, 3)
    squares = squares_of(picture, 2)
    assert squares.shape == (2, 2, 12)
    expected = [*picture[2, 0], *picture[2, 1], *picture[3, 0], *picture[3, 1]]
    np.testing.assert_array_equal(squares[1, 0], expected)
