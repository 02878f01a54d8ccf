"""How long a training will take, in words, and what to do where that is hopeless."""

import dataclasses
import math

from adaptive_style_tf.training.profiles import profile

MINUTE, HOUR, DAY = 60, 3600, 86400
HOPELESS = 3 * DAY

# Share of the time before of a (generator step, discriminator step); two Xeon cores, 256 px.
_NDF_32 = (0.79, 0.36)  # discriminator of half the width: a quarter of its arithmetic
_BFLOAT16 = (0.45, 0.43)  # processors with AMX or AVX-512 bfloat16; others gain nothing
_PIXEL_EXPONENT = 0.85  # small crops use a processor less well, so time falls slower than pixels
_GPU_SPEEDUP = (20, 50)  # of one data-center GPU over a few processor cores; an assumption
_WARM_START_STEPS = 20_000  # a start from a trained generator shows the style by then


@dataclasses.dataclass(frozen=True)
class StepTimes:
    """Seconds that one training step of each kind takes, waiting for data included."""

    generator: float
    discriminator: float

    def mean(self, generator_share: float = 0.5) -> float:
        """Seconds of an average step when that share of the steps trains the generator."""
        return generator_share * self.generator + (1.0 - generator_share) * self.discriminator

    def scaled(self, factors: tuple[float, float]) -> "StepTimes":
        """With the generator's and the discriminator's step multiplied by a factor each."""
        return StepTimes(self.generator * factors[0], self.discriminator * factors[1])


def estimate_sentences(
    times: StepTimes,
    *,
    image_size: int,
    total_steps: int,
    device: str,
    start_step: int = 0,
    ndf: int = 64,
    precision: str = "float32",
    generator_share: float = 0.5,
) -> list[str]:
    """What the rest of a training takes, and advice where that is more than three days.

    Args:
        times: Measured after the first step of each kind, which also builds the graph.
        image_size: Side of the crops, px.
        total_steps: Step at which the training ends.
        device: "cpu" or "gpu".
        start_step: Steps that are done already.
        ndf: Width of the discriminator.
        precision: "float32", "mixed_bfloat16" or "mixed_float16".
        generator_share: Share of the steps that train the generator, 0 to 1.

    Returns:
        Whole sentences; the first is the estimate, the others, if any, are the advice.
    """
    if device not in ("cpu", "gpu"):
        raise ValueError(f"device={device!r} must be 'cpu' or 'gpu'")
    steps = total_steps - start_step
    step_seconds = times.mean(generator_share)
    seconds = steps * step_seconds
    what = f"{steps:,} steps" if start_step == 0 else f"The remaining {steps:,} steps"
    where = "this processor" if device == "cpu" else "this GPU"
    sentences = [
        f"{what} of {image_size} px at {step_time_words(step_seconds)} a step take about "
        f"{duration_words(seconds)} on {where}."
    ]
    if seconds <= HOPELESS:
        return sentences

    def option(flags: str, changed: StepTimes, note: str = "") -> str:
        return f"{flags}: about {duration_words(steps * changed.mean(generator_share))}{note}."

    sentences.append("That is long; these make it shorter (estimates):")
    flags, everything = [], times
    if image_size > 256:
        factor = ((256 / image_size) ** 2) ** _PIXEL_EXPONENT
        everything = everything.scaled((factor, factor))
        flags.append("--image-size 256")
        sentences.append(option(flags[-1], times.scaled((factor, factor))))
    if device == "cpu" and ndf > 32:
        everything = everything.scaled(_NDF_32)
        flags.append("--ndf 32")
        sentences.append(option(flags[-1], times.scaled(_NDF_32)))
    if device == "cpu" and precision == "float32":
        everything = everything.scaled(_BFLOAT16)
        flags.append("--precision mixed_bfloat16")
        note = ", on a processor with bfloat16 instructions (AMX or AVX-512)"
        sentences.append(option(flags[-1], times.scaled(_BFLOAT16), note))
    if len(flags) > 1:
        sentences.append(option(" ".join(flags), everything, ", all together"))
    if device == "cpu" and len(flags) == 3:
        short = profile("cpu")
        size = short["image_size"]
        factor = ((size / 256) ** 2) ** _PIXEL_EXPONENT
        words = duration_words(short["total_steps"] * factor * everything.mean(generator_share))
        sentences.append(
            f"--profile cpu: about {words}; crops of {size} px, the other two, and a schedule for "
            "short runs."
        )
    if device == "cpu":
        slow, fast = (duration_words(seconds / speedup) for speedup in _GPU_SPEEDUP)
        sentences.append(f"A GPU: roughly {fast} to {slow}.")
    if steps > _WARM_START_STEPS:
        warm = duration_words(_WARM_START_STEPS * step_seconds)
        sentences.append(
            f"--init-from STYLE --total-steps {start_step + _WARM_START_STEPS}: about {warm}, "
            "since a trained generator needs fewer steps."
        )
    in_a_day = _round_down(DAY / step_seconds)
    sentences.append(
        f"--total-steps {start_step + in_a_day}: about {duration_words(in_a_day * step_seconds)}, "
        "with a weaker style."
    )
    if start_step:
        # Whoever stops the run to change something leaves a checkpoint behind.
        sentences.append(
            "The run has begun: changing that needs --restart or another --run-dir; --image-size "
            "and --precision can also be changed with --resume-from STEP."
        )
    return sentences


def duration_words(seconds: float) -> str:
    """A duration in its two largest units: "17 days and 17 hours", "3 minutes and 20 seconds".

    Args:
        seconds: Not negative; below one second it is "less than a second".
    """
    if seconds < 1:
        return "less than a second"
    if _rounded(seconds) < 10 * MINUTE:
        return _two_units(_rounded(seconds), MINUTE, "minute", "second")
    minutes = _rounded(seconds / MINUTE)
    if minutes < DAY // MINUTE:
        return _two_units(minutes, HOUR // MINUTE, "hour", "minute")
    return _two_units(_rounded(seconds / HOUR), DAY // HOUR, "day", "hour")


def step_time_words(seconds: float) -> str:
    """Seconds of one step with two digits: "5.1 s", "0.35 s", "12 ms"."""
    if seconds < 0.1:
        return f"{seconds * 1000:.2g} ms"
    return f"{seconds:.0f} s" if seconds >= 9.95 else f"{seconds:.2g} s"


def _two_units(count: int, per_large: int, large: str, small: str) -> str:
    parts = [(count // per_large, large), (count % per_large, small)]
    named = [f"{number} {unit}" + ("s" if number != 1 else "") for number, unit in parts if number]
    return " and ".join(named)


def _rounded(value: float) -> int:
    return math.floor(value + 0.5)


def _round_down(value: float) -> int:
    """To two digits: 16,941 becomes 16,000; at least 1."""
    digits = max(0, len(str(int(value))) - 2)
    unit: int = 10**digits
    return max(1, int(value) // unit * unit)
