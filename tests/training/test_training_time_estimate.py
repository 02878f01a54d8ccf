import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive_style_tf.training.time_estimate import (
    StepTimes,
    duration_words,
    estimate_sentences,
    step_time_words,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a second"),
        (0.99, "less than a second"),
        (1, "1 second"),
        (59.4, "59 seconds"),
        (59.5, "1 minute"),
        (61, "1 minute and 1 second"),
        (200, "3 minutes and 20 seconds"),
        (599.4, "9 minutes and 59 seconds"),
        (600, "10 minutes"),
        (45 * 60 + 12, "45 minutes"),  # seconds would pretend to know
        (3599, "1 hour"),
        (3600 + 29, "1 hour"),
        (3 * 3600 + 60, "3 hours and 1 minute"),
        (86_000, "23 hours and 53 minutes"),
        (86_399, "1 day"),
        (86_400 + 3600, "1 day and 1 hour"),
        (1_530_000, "17 days and 17 hours"),  # 17 days are 1,468,800 s, 61,200 s are 17 hours
        (400 * 86_400, "400 days"),
    ],
)
def test_durations_in_words(seconds, words):
    assert duration_words(seconds) == words


@given(st.floats(1, 1e8))
def test_words_lie_within_half_of_their_smaller_unit(seconds):
    sizes = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
    parts = [part.split() for part in duration_words(seconds).split(" and ")]
    told = sum(int(number) * sizes[unit.rstrip("s")] for number, unit in parts)
    allowed = 0.5 if seconds < 600 else 30 if seconds < 86_400 else 1800
    assert abs(told - seconds) <= allowed + 1e-6 * seconds
    assert all(int(number) > 0 for number, _ in parts)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5.1, "5.1 s"), (0.35, "0.35 s"), (0.012, "12 ms"), (12.4, "12 s"), (9.96, "10 s")],
)
def test_step_times_in_words(seconds, words):
    assert step_time_words(seconds) == words


def estimate(generator, discriminator, **options):
    return estimate_sentences(
        StepTimes(generator, discriminator),
        **{"image_size": 768, "total_steps": 300_000, "device": "cpu", **options},
    )


def test_the_hopeless_case_of_a_processor():
    first, *advice = estimate(5.1, 5.1)
    assert first == (
        "300,000 steps of 768 px at 5.1 s a step take about 17 days and 17 hours on this processor."
    )
    # Nine times fewer pixels: 9^0.85 = 6.473; 1,530,000 s / 6.473 = 236,360 s = 2 d 17.66 h
    assert "--image-size 256: about 2 days and 18 hours." in advice
    # (0.79 + 0.36) / 2 = 0.575; 879,750 s = 10 d 4.375 h
    assert "--ndf 32: about 10 days and 4 hours." in advice
    # (0.45 + 0.43) / 2 = 0.44; 673,200 s = 7 d 19 h
    assert (
        "--precision mixed_bfloat16: about 7 days and 19 hours, on a processor with bfloat16 "
        "instructions (AMX or AVX-512)." in advice
    )
    # (0.79 * 0.45 + 0.36 * 0.43) / 2 = 0.25515; 236,360 s * 0.25515 = 60,307 s = 16 h 45 min
    assert (
        "--image-size 256 --ndf 32 --precision mixed_bfloat16: about 16 hours and 45 minutes, "
        "all together." in advice
    )
    # 20,500 of 300,000 steps, of the same size: 60,307 s * 20.5 / 300 = 4,121 s = 69 min
    assert (
        "--profile cpu: about 1 hour and 9 minutes; crops of 256 px, the other two, and a "
        "schedule for short runs." in advice
    )
    # 1,530,000 s / 50 = 8 h 30 min; / 20 = 76,500 s = 21 h 15 min
    assert "A GPU: roughly 8 hours and 30 minutes to 21 hours and 15 minutes." in advice
    # 20,000 * 5.1 s = 102,000 s = 1 d 4.33 h
    assert (
        "--init-from STYLE --total-steps 20000: about 1 day and 4 hours, since a trained "
        "generator needs fewer steps." in advice
    )
    # 86,400 s / 5.1 s = 16,941; two digits: 16,000; 81,600 s = 22 h 40 min
    assert "--total-steps 16000: about 22 hours and 40 minutes, with a weaker style." in advice
    assert len(advice) == 9


def test_three_days_are_not_hopeless():
    assert len(estimate(1.0, 1.0, total_steps=3 * 86_400)) == 1
    assert len(estimate(1.0, 1.0, total_steps=3 * 86_400 + 1)) > 1


def test_the_two_kinds_of_steps_count_by_their_share():
    (first,) = estimate(3.0, 1.0, total_steps=3600, image_size=256, generator_share=0.75)
    # 0.75 * 3 + 0.25 * 1 = 2.5 s; 9000 s
    assert first == (
        "3,600 steps of 256 px at 2.5 s a step take about 2 hours and 30 minutes on this processor."
    )


def test_only_what_remains_is_estimated():
    first, *advice = estimate(5.1, 5.1, start_step=200_000)
    # 510,000 s = 5 d 21.67 h
    assert first == (
        "The remaining 100,000 steps of 768 px at 5.1 s a step take about 5 days and 22 hours "
        "on this processor."
    )
    assert any(sentence.startswith("--total-steps 216000:") for sentence in advice)
    assert any("--total-steps 220000" in sentence for sentence in advice)


def test_a_run_that_has_begun_is_told_how_its_settings_are_changed():
    # To follow the advice one stops the run, which saves; then its settings are fixed.
    *_, last = estimate(5.1, 5.1, start_step=32)
    assert "needs --restart or another --run-dir" in last
    assert "--image-size and --precision can also be changed with --resume-from STEP" in last
    assert not any("--restart" in sentence for sentence in estimate(5.1, 5.1))
    assert len(estimate(1.0, 1.0, total_steps=100, start_step=32)) == 1


def test_nothing_is_advised_that_is_done_already():
    text = " ".join(estimate(5.1, 5.1, image_size=256, ndf=32, precision="mixed_bfloat16"))
    assert "--image-size" not in text
    assert "--ndf" not in text
    assert "--precision" not in text
    assert "--total-steps" in text


def test_a_slow_gpu_is_called_one_and_not_told_to_be_one():
    first, *advice = estimate(1.5, 1.5, device="gpu")
    assert first.endswith("about 5 days and 5 hours on this GPU.")
    assert not any("A GPU" in sentence or "--precision" in sentence for sentence in advice)
    assert any(sentence.startswith("--image-size 256:") for sentence in advice)


def test_an_unknown_device_is_refused():
    with pytest.raises(ValueError, match="device='tpu'"):
        estimate(1.0, 1.0, device="tpu")
