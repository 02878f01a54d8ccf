import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from adaptive_style_tf.errors import CollapseError, NonFiniteError
from adaptive_style_tf.training.health import (
    CollapseGuard,
    Health,
    Verdict,
    first_non_finite,
    measure_health,
)

GOLDENS = Path(__file__).parents[1] / "goldens" / "released_small"
SIZE = 128


@pytest.fixture(scope="module")
def photographs():
    """Four made-up scenes: a bright smooth sky, a horizon, and things with edges below it."""
    random = np.random.default_rng(7)
    scenes = []
    for _ in range(4):
        scene = np.zeros((SIZE, SIZE, 3))
        scene[:] = np.linspace(0.7, 0.2, SIZE)[:, None, None]
        scene[SIZE // 2 :] = random.uniform(-0.6, 0.0, 3)
        for _ in range(25):
            center = (int(random.integers(0, SIZE)), int(random.integers(SIZE // 3, SIZE)))
            color = random.uniform(-0.9, 0.9, 3).tolist()
            cv2.circle(scene, center, int(random.integers(3, 18)), color, -1)
        scenes.append(scene + random.normal(0, 0.03, scene.shape))
    return np.clip(scenes, -1, 1).astype(np.float32)


def blurred(pictures, sigma):
    return np.stack([cv2.GaussianBlur(picture, (0, 0), sigma) for picture in pictures])


def strokes(shape, strength):
    random = np.random.default_rng(3)
    worms = random.normal(0, 1, shape).astype(np.float32)
    worms = blurred(worms, 3) - blurred(worms, 5)
    return strength * worms / worms.std()


def flat(pictures, *color):
    return np.broadcast_to(np.float32(color), pictures.shape)


def noise(pictures, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, pictures.shape).astype(np.float32)


def verdict(photographs, stylized, step=50_000):
    return CollapseGuard().observe(step, measure_health(photographs, stylized))


def test_a_photograph_beside_itself(photographs):
    health = measure_health(photographs, photographs)
    assert health.deviation_ratio == pytest.approx(1.0)
    assert health.gradient_correlation == pytest.approx(1.0)
    assert health.clipped_excess == 0.0


def test_numbers_that_can_be_worked_out_by_hand():
    # Halves of -1 and 1 have a spread of 1, halves of 0 and 1 one of 0.5.
    photograph = np.full((1, 64, 64, 3), -1.0, np.float32)
    photograph[:, :, 32:] = 1.0
    result = np.zeros_like(photograph)
    result[:, :, 32:] = 1.0
    health = measure_health(photograph, result)
    assert health.photographs_deviation == pytest.approx(1.0)
    assert health.deviation == pytest.approx(0.5)
    assert health.deviation_ratio == pytest.approx(0.5)
    assert health.gradient_correlation == pytest.approx(1.0)
    assert health.chance_correlation == 0.0  # there is no other photograph
    assert health.clipped_share == 0.5
    assert health.photographs_clipped_share == 1.0


def test_edges_elsewhere_do_not_correlate():
    upright = np.zeros((1, 64, 64, 3), np.float32)
    upright[:, :, 32:] = 1.0
    # 12 x 12 cells of gradients, all of it in 2 columns or 2 rows, 4 cells in common:
    # (4/144 - (1/6)^2) / ... = 0 exactly, columns and rows being independent.
    lying = upright.swapaxes(1, 2)
    assert measure_health(upright, lying).gradient_correlation == pytest.approx(0.0, abs=1e-9)


def test_contrast_and_its_sign_do_not_matter_for_edges(photographs):
    health = measure_health(photographs, -0.3 * photographs)
    assert health.gradient_correlation == pytest.approx(1.0)
    assert health.deviation_ratio == pytest.approx(0.3)


def test_a_flat_color_has_no_spread_although_its_channels_differ(photographs):
    health = measure_health(photographs, flat(photographs, 0.9, 0.2, -0.9))
    assert health.deviation == pytest.approx(0.0, abs=1e-6)
    assert health.gradient_correlation == 0.0


@pytest.mark.parametrize("color", [(-1, -1, -1), (1, 1, 1), (0, 0, 0), (0.9, 0.4, -0.8)])
def test_black_white_and_constant_results_are_collapsed(photographs, color):
    assert verdict(photographs, flat(photographs, *color)) is Verdict.COLLAPSED
    almost = np.clip(flat(photographs, *color) + 0.02 * noise(photographs), -1, 1)
    assert verdict(photographs, almost) is Verdict.COLLAPSED


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_collapsed(photographs, seed):
    assert verdict(photographs, noise(photographs, seed)) is Verdict.COLLAPSED
    assert verdict(photographs, 4 * blurred(noise(photographs, seed), 4)) is Verdict.COLLAPSED


def test_one_picture_for_every_photograph_is_collapsed(photographs):
    same = np.repeat(photographs[:1], len(photographs), axis=0)
    health = measure_health(photographs, same)
    assert health.following == pytest.approx(0.0, abs=1e-9)
    assert verdict(photographs, same) is Verdict.COLLAPSED


def test_black_with_a_few_specks_is_collapsed(photographs):
    specks = np.where(photographs > np.quantile(photographs, 0.97), 0.9, -1.0).astype(np.float32)
    assert verdict(photographs, specks) is Verdict.COLLAPSED


def test_styles_are_healthy(photographs):
    tinted = np.clip(0.7 * photographs + np.float32([0.3, 0.0, -0.3]), -1, 1)
    soft = blurred(photographs, 6)
    painted = np.clip(0.7 * blurred(photographs, 3) + strokes(photographs.shape, 0.15), -1, 1)
    posters = np.round(photographs * 2) / 2
    for stylized in (tinted, soft, painted, posters, -photographs, 0.3 * photographs):
        assert verdict(photographs, stylized) is Verdict.HEALTHY


def test_strokes_that_nearly_hide_the_picture_are_doubtful_and_no_collapse(photographs):
    wild = np.clip(0.45 * blurred(photographs, 4) + strokes(photographs.shape, 0.5), -1, 1)
    assert verdict(photographs, wild) is Verdict.DOUBTFUL


def test_photographs_that_are_flat_themselves_say_nothing():
    gray = np.zeros((2, 64, 64, 3), np.float32)
    guard = CollapseGuard(patience=1)
    assert guard.observe(50_000, measure_health(gray, gray)) is Verdict.UNJUDGED
    assert not guard.must_stop


def test_a_flat_photograph_among_others_is_left_out(photographs):
    mixed = photographs.copy()
    mixed[0] = 0.5
    health = measure_health(mixed, mixed)
    assert health.gradient_correlation == pytest.approx(1.0)


def test_photographs_without_edges_leave_the_spread_to_judge():
    # Brightness is the same everywhere, only the color changes.
    colors = np.zeros((2, 64, 64, 3), np.float32)
    colors[:, :32] = [0.114, 0.0, -0.299]
    health = measure_health(colors, colors)
    assert math.isnan(health.gradient_correlation)
    assert CollapseGuard().observe(50_000, health) is Verdict.DOUBTFUL
    assert verdict(colors, np.zeros_like(colors)) is Verdict.COLLAPSED


def test_a_result_that_is_not_finite_is_an_error(photographs):
    broken = photographs.copy()
    broken[2, 5, 5, 1] = np.nan
    with pytest.raises(NonFiniteError, match="--clip-norm"):
        measure_health(photographs, broken)


def test_shapes_must_agree(photographs):
    with pytest.raises(ValueError, match="shapes differ"):
        measure_health(photographs, photographs[:, :64])


WELL = Health(0.35, 0.4, 0.6, 0.05, 0.02, 0.01)
STRONG = Health(0.45, 0.4, 0.15, 0.03, 0.05, 0.01)
BLACK = Health(0.012, 0.4, 0.01, 0.0, 0.98, 0.01)
GRAY = Health(0.01, 0.4, 0.3, 0.02, 0.0, 0.01)


def observe(guard, *healths, first=1000):
    return [guard.observe(first + 1000 * n, health) for n, health in enumerate(healths)]


def test_the_release_in_its_first_steps_is_left_alone():
    # Photographs and results 30 steps after random weights, computed by the release itself.
    guard = CollapseGuard()
    with np.load(GOLDENS / "forward.npz") as golden:
        for step, name in enumerate(("f0", "f1", "f2"), start=30):
            health = measure_health(golden[f"{name}/input"], golden[f"{name}/output"])
            assert health.deviation_ratio > 0.5
            assert guard.observe(step, health) in (Verdict.EARLY, Verdict.DOUBTFUL)
    assert guard.bad_saves == 0


def test_a_random_generator_is_no_collapse():
    guard = CollapseGuard()
    assert observe(guard, *[GRAY] * 9) == [Verdict.EARLY] * 9
    assert guard.last_good_step is None
    assert not guard.must_stop


def test_a_run_that_never_comes_to_life_is_stopped_after_the_grace():
    guard = CollapseGuard(patience=3, grace_steps=10_000)
    verdicts = observe(guard, *[GRAY] * 12)
    assert verdicts == [Verdict.EARLY] * 9 + [Verdict.COLLAPSED] * 3
    assert guard.must_stop
    error = guard.error(12_000, GRAY, [11_000, 12_000], "train --artist x")
    assert "no good checkpoint" in str(error)
    assert "\n  train --artist x --restart\n" in str(error)


def test_a_collapse_must_last():
    guard = CollapseGuard(patience=3)
    observe(guard, WELL, BLACK, BLACK)
    assert not guard.must_stop
    observe(guard, STRONG, first=4000)
    assert guard.bad_saves == 0
    observe(guard, BLACK, GRAY, first=5000)
    assert not guard.must_stop
    observe(guard, BLACK, first=7000)
    assert guard.must_stop


def test_a_collapse_soon_after_the_start_counts_once_the_run_was_healthy():
    guard = CollapseGuard(patience=2, grace_steps=10_000)
    assert observe(guard, GRAY, WELL, BLACK, BLACK) == [
        Verdict.EARLY,
        Verdict.HEALTHY,
        Verdict.COLLAPSED,
        Verdict.COLLAPSED,
    ]
    assert guard.must_stop


def test_the_last_good_step_is_a_healthy_one_if_there_was_any():
    guard = CollapseGuard()
    observe(guard, STRONG)
    assert guard.last_good_step == 1000
    observe(guard, WELL, STRONG, BLACK, first=2000)
    assert guard.last_good_step == 2000


def test_the_error_says_where_to_go_on_and_what_to_change():
    guard = CollapseGuard()
    observe(guard, WELL, WELL, BLACK, BLACK, BLACK, first=29_000)
    assert guard.last_good_step == 30_000
    saved = [15_000, 30_000, 32_000, 33_000]
    error = guard.error(33_000, BLACK, saved, "python -m adaptive_style_tf.train --artist cezanne")
    assert isinstance(error, CollapseError)
    message = str(error)
    assert "\n  python -m adaptive_style_tf.train --artist cezanne --resume-from 30000\n" in message
    assert "step 33000, for 3 saves" in message
    assert "spread is 0.03 of" in message  # 0.012 / 0.4
    assert "98% of their values" in message
    for flag in ("--adversarial-weight", "--discriminator-success-rate", "--clip-norm"):
        assert flag in message
    # The good one itself was pruned: the keeper before it is named.
    assert "--resume-from 15000\n" in str(guard.error(33_000, BLACK, [15_000, 33_000], "train"))


def test_a_resumed_run_judges_the_same():
    story = [GRAY, WELL, STRONG, BLACK, BLACK, WELL, BLACK, BLACK, BLACK]
    whole = CollapseGuard()
    for cut in range(len(story)):
        before, after = CollapseGuard(), CollapseGuard()
        observe(before, *story[:cut])
        after.restore(json.loads(json.dumps(before.scalars())))
        verdicts = observe(after, *story[cut:], first=1000 + 1000 * cut)
        whole = CollapseGuard()
        assert observe(whole, *story)[cut:] == verdicts
        assert after.scalars() == whole.scalars()
    assert whole.must_stop


def test_a_memory_without_a_guard_is_an_error():
    with pytest.raises(KeyError):
        CollapseGuard().restore({"success": 0.8})


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="patience=0"):
        CollapseGuard(patience=0)


def test_the_first_array_that_is_not_finite_is_named():
    good = {"a": np.ones(3, np.float32), "step": np.asarray(2**62), "words": np.float64(1e308)}
    assert first_non_finite(good) is None
    assert first_non_finite({}) is None
    for bad in (np.nan, np.inf, -np.inf):
        array = np.zeros((4, 5), np.float32)
        array[3, 4] = bad
        assert first_non_finite({**good, "generator/x": array, "z": array}) == "generator/x"
    assert first_non_finite({"loss": np.float32(np.nan)}) == "loss"
