from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest

from adaptive_style_tf.errors import DeviceMemoryError
from adaptive_style_tf.inference.sizes import padding
from adaptive_style_tf.inference.steady import (
    RunningStatistics,
    SteadyStylizer,
    steady_normalization,
)
from adaptive_style_tf.inference.stylizer import Stylizer
from adaptive_style_tf.models import Generator, InstanceNormalization, assign_weights, read_weights

if TYPE_CHECKING:
    from adaptive_style_tf.styles import Style

Photograph = Callable[..., np.ndarray]


def entered(frame: np.ndarray) -> np.ndarray:
    """The frame after something has covered its left quarter."""
    covered = frame.copy()
    covered[:, : frame.shape[1] // 4] = 255
    return covered


def test_the_average_is_exponential() -> None:
    running = RunningStatistics(horizon=4)
    means = [running.blended("a", value, 2 * value)[0] for value in (8.0, 0.0, 4.0)]
    assert means == [8.0, 6.0, 5.5]  # 3/4 of the old, 1/4 of the new
    assert running.blended("b", 1.0, 1.0) == (1.0, 1.0)
    assert running.blended("a", 5.5, 15.0) == (5.5, 0.75 * 11.0 + 0.25 * 15.0)
    running.forget()
    assert running.blended("a", 3.0, 1.0) == (3.0, 1.0)


def test_the_average_goes_over_ten_frames_by_default() -> None:
    running = RunningStatistics()
    assert [running.blended("a", value, value)[0] for value in (0.0, 10.0)] == [0.0, 1.0]


@pytest.mark.parametrize("horizon", [0.5, float("nan")])
def test_an_average_takes_a_frame(horizon: float) -> None:
    with pytest.raises(ValueError, match=f"horizon={horizon}"):
        RunningStatistics(horizon)


def test_a_layer_normalizes_by_the_average() -> None:
    running = RunningStatistics(horizon=2)
    layer = steady_normalization(running, "all")(epsilon=0.0)
    layer.build((None, None, None, 3))
    layer.scale.assign(np.ones(3))
    first, second = (
        np.random.default_rng(seed).normal(seed, 1 + seed, (1, 9, 7, 3)).astype(np.float32)
        for seed in (1, 2)
    )
    for frame, mean, variance in (
        (first, first.mean((1, 2)), first.var((1, 2))),
        (
            second,
            (first.mean((1, 2)) + second.mean((1, 2))) / 2,
            (first.var((1, 2)) + second.var((1, 2))) / 2,
        ),
    ):
        expected = (frame - mean[:, None, None]) / np.sqrt(variance[:, None, None])
        shown = keras.ops.convert_to_numpy(layer(frame))
        np.testing.assert_allclose(shown, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("layers", "held", "channels"),
    [("last", 1, {2}), ("upsampling", 4, {16, 8, 4, 2}), ("all", 28, {3, 2, 4, 8, 16})],
)
def test_the_chosen_layers_have_averages_of_their_own_and_the_usual_weights(
    layers: str, held: int, channels: set[int]
) -> None:
    running = RunningStatistics()
    generator = Generator(ngf=2, normalization=steady_normalization(running, layers))
    generator.build((None, None, None, 3))
    plain = Generator(ngf=2)
    plain.build((None, None, None, 3))
    assert read_weights(generator).keys() == read_weights(plain).keys()
    assign_weights(generator, read_weights(plain))
    generator(np.zeros((1, 64, 64, 3), np.float32))
    assert len(running._held) == held
    assert {mean.shape[-1] for mean, _ in running._held.values()} == channels
    assert sum(name.endswith("/offset") for name in read_weights(plain)) == 28


def test_layers_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValueError, match="layers='first'"):
        steady_normalization(RunningStatistics(), "first")


def test_the_first_frame_is_that_of_the_plain_stylizer(
    tiny_style: "Style", photograph: Photograph
) -> None:
    frame = photograph(1, 70, 90)
    steady = SteadyStylizer.load(tiny_style)
    np.testing.assert_array_equal(steady.image(frame), Stylizer.load(tiny_style).image(frame))


def test_equal_frames_stay_equal(tiny_style: "Style", photograph: Photograph) -> None:
    steady, frame = SteadyStylizer.load(tiny_style), photograph(1)
    shown = [steady.image(frame).astype(int) for _ in range(3)]
    assert max(np.abs(later - shown[0]).max() for later in shown[1:]) <= 1


def test_without_a_horizon_it_is_the_plain_stylizer(
    tiny_style: "Style", photograph: Photograph
) -> None:
    steady, plain = SteadyStylizer.load(tiny_style, horizon=1, follow=0), Stylizer.load(tiny_style)
    for seed in (1, 2):
        frame = photograph(seed)
        np.testing.assert_array_equal(steady.image(frame), plain.image(frame))


def test_frames_get_the_grain_that_the_network_was_trained_with(
    tiny_style: "Style", photograph: Photograph
) -> None:
    description = replace(tiny_style.description, settings={"grain": 40.0})
    grained = replace(tiny_style, description=description)
    steady, plain = SteadyStylizer.load(grained, horizon=1, follow=0), Stylizer.load(grained)
    frame = photograph(1)
    np.testing.assert_array_equal(steady.image(frame), plain.image(frame))
    assert (plain.image(frame) != Stylizer.load(tiny_style).image(frame)).any()


def test_grain_moves_along_with_the_scene(tiny_style: "Style", scene: Any) -> None:
    fields = []

    def generator(batch: np.ndarray, training: bool) -> np.ndarray:
        fields.append(batch[0] * 127.5 + 127.5)
        return batch

    texture = scene.texture()
    for follow in (0.0, 0.5):
        steady = SteadyStylizer(generator, RunningStatistics(), follow, grain_levels=8.0)
        frames = [scene.frame(texture, number) for number in range(2)]
        for frame in frames:
            steady.image(frame)
        rows, columns = padding(*frames[0].shape[:2])
        inside = slice(rows[0], -rows[1]), slice(columns[0], -columns[1])
        first, second = (
            field[inside] - frame for field, frame in zip(fields[-2:], frames, strict=True)
        )
        assert first.std() == pytest.approx(8, rel=0.1)
        right, down = scene.shift
        same = np.corrcoef(second[20:-20, 20:-20].ravel(), first[20:-20, 20:-20].ravel())[0, 1]
        assert (same > 0.999) == (follow == 0)
        moved = np.roll(first, (down, right), axis=(0, 1))[20:-20, 20:-20]
        along = np.corrcoef(second[20:-20, 20:-20].ravel(), moved.ravel())[0, 1]
        assert (along > 0.9) == (follow > 0)


def test_a_resting_part_changes_less_when_something_enters(
    tiny_style: "Style", photograph: Photograph
) -> None:
    rest = photograph(1, 96, 128)
    steady, plain = (
        SteadyStylizer.load(tiny_style, layers="all", follow=0),
        Stylizer.load(tiny_style),
    )
    changes = []
    for stylizer in (plain, steady):
        before, after = (
            stylizer.image(frame)[:, 100:].astype(int) for frame in (rest, entered(rest))
        )
        changes.append(np.abs(after - before).mean())
    assert changes[1] < 0.75 * changes[0]  # the rest is the convolutions' wide view


def test_a_new_scene_begins_with_its_own_statistics(
    tiny_style: "Style", photograph: Photograph
) -> None:
    steady, plain = SteadyStylizer.load(tiny_style), Stylizer.load(tiny_style)
    steady.image(photograph(1, brightness=1))
    scene = photograph(2, brightness=0.1)
    np.testing.assert_array_equal(steady.image(scene), plain.image(scene))


def test_another_video_begins_anew(tiny_style: "Style", photograph: Photograph) -> None:
    steady, plain = SteadyStylizer.load(tiny_style), Stylizer.load(tiny_style)
    steady.image(photograph(1))
    other = entered(photograph(1))
    assert (steady.image(other) != plain.image(other)).any()
    steady.begin()
    np.testing.assert_array_equal(steady.image(other), plain.image(other))


@pytest.mark.parametrize("size", [(1, 1), (65, 81), (20, 300)])
def test_the_size_stays(tiny_style: "Style", size: tuple[int, int], photograph: Photograph) -> None:
    frame = photograph(1, *size)
    assert SteadyStylizer.load(tiny_style).image(frame).shape == (*size, 3)


def test_results_are_carried_along(tiny_style: "Style", photograph: Photograph) -> None:
    first, second = photograph(1), entered(photograph(1))
    plain = Stylizer.load(tiny_style)
    before, after = (plain.image(frame).astype(float) for frame in (first, second))
    steady = SteadyStylizer.load(tiny_style, horizon=1)
    steady.image(first)
    shown = steady.image(second).astype(float)
    # Half way between the two where the scene rests, the new result where something entered.
    np.testing.assert_allclose(shown[8:-8, 40:-8], ((before + after) / 2)[8:-8, 40:-8], atol=1.1)
    assert np.abs(shown - after)[8:-8, :12].mean() < 0.2 * np.abs(before - after)[8:-8, :12].mean()


def test_too_large_frames_are_an_error_with_a_way_out(
    tiny_style: "Style", photograph: Photograph
) -> None:
    def generator(batch: np.ndarray, training: bool) -> np.ndarray:
        raise MemoryError

    steady = SteadyStylizer(generator, RunningStatistics())
    with pytest.raises(DeviceMemoryError, match=r"80 x 64 pixels .*--image-size"):
        steady.image(photograph(1))


def test_something_else_than_a_picture_is_refused(tiny_style: "Style") -> None:
    with pytest.raises(ValueError, match=r"dtype=float32, shape=\(4, 4, 3\)"):
        SteadyStylizer.load(tiny_style).image(np.zeros((4, 4, 3), np.float32))  # type: ignore[arg-type]


def test_the_plain_layer_is_untouched() -> None:
    assert steady_normalization(RunningStatistics()) is not InstanceNormalization
    layer = InstanceNormalization()
    frames = [np.random.default_rng(seed).normal(size=(1, 8, 8, 2)) for seed in (1, 2, 1)]
    shown = [keras.ops.convert_to_numpy(layer(frame)) for frame in frames]
    np.testing.assert_array_equal(shown[0], shown[2])
