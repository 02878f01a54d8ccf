"""Which network a step trains and at which rate: pure arithmetic (REFERENCE 3; paper section 4)."""

from typing import Literal

from adaptive_style_tf.training.settings import OptimizationSettings

# What a step trains, and for what: the generator alone learns in the warm start.
Phase = Literal["generator", "discriminator", "warm_start"]

SUCCESS_MEMORY = 0.95  # share of the old value that the success average keeps at each step
DROP_AT = 2 / 3  # of all steps, where the paper's learning rate falls
DROP_FACTOR = 0.1
FADE_FROM = 1 / 2  # of the steps, from where a fading rate falls
FADE_TO = 0.1  # of the rate, at the last step


def is_generators_turn(step: int, success: float, settings: OptimizationSettings) -> bool:
    """Whether step `step` trains the generator.

    Args:
        step: counted from 0, the warm start included, which must be over.
        success: the discriminator's success average before the step.
    """
    step -= settings.warm_start_steps + settings.discriminator_head_start
    if step < 0:
        return False
    if settings.schedule == "alternate":
        return alternates_to_generator(step, settings.discriminator_steps)
    return trains_generator(success, settings.discriminator_success_rate)


def trains_generator(success: float, threshold: float) -> bool:
    """Whether this step trains the generator: where the discriminator succeeds often enough.

    Args:
        success: running average in [0, 1] of the discriminator's success, started at `threshold`.
        threshold: the discriminator success rate, 0.8 in the 2018 release.
    """
    return success >= threshold


def alternates_to_generator(step: int, discriminator_steps: int) -> bool:
    """Whether step `step` trains the generator where the ratio of the two is fixed.

    In short trainings the success average governs badly: a beaten generator keeps the turn, and a
    discriminator that always says no scores two thirds.

    Args:
        step: counted from 0, the first step in which both may be trained.
        discriminator_steps: for each generator step.
    """
    return step % (1 + discriminator_steps) == 0


def updated_success(success: float, trained_generator: bool, accuracy: float) -> float:
    """The success average after a step.

    Args:
        success: its value before the step.
        trained_generator: whether the step trained the generator.
        accuracy: in [0, 1]: of the generator (share of positions taken for a painting) if it was
            trained, else of the discriminator; both before the step's update.
    """
    trial = 1 - accuracy if trained_generator else accuracy
    return SUCCESS_MEMORY * success + (1 - SUCCESS_MEMORY) * trial


def rate_of(network: Phase, settings: OptimizationSettings) -> float:
    """The learning rate of the generator or of the discriminator, before the schedule.

    Two rates: Heusel et al. 2017, arXiv 1706.08500.
    """
    if network == "discriminator" and settings.discriminator_rate:
        return settings.discriminator_rate
    return settings.learning_rate


def learning_rate_at(step: int, total_steps: int, learning_rate: float, schedule: str) -> float:
    """The rate of step `step` of `total_steps`.

    Args:
        step: counted from 0.
        schedule: `constant` (release); `drop`: a tenth for the last third (paper: the last 100,000
            of 300,000 steps); `fade`: from the middle on falling evenly, to a tenth at the last
            step, for short trainings.
    """
    if schedule == "fade":
        return faded(step, total_steps, learning_rate)
    dropped = schedule == "drop" and step >= DROP_AT * total_steps
    return learning_rate * DROP_FACTOR if dropped else learning_rate


def faded(step: int, steps: int, learning_rate: float) -> float:
    """The rate of step `step` of `steps`: level for one half, then falling evenly to a tenth.

    Args:
        step: counted from 0, so that the last one is `steps - 1`.
    """
    begin, last = FADE_FROM * steps, steps - 1
    if step <= begin:
        return learning_rate
    share = (step - begin) / (last - begin)
    return learning_rate * (1 - (1 - FADE_TO) * share)
