"""Settings that go together for the size of a machine (`--profile`).

A profile is no more than a set of ordinary settings: each can be overridden by its own option, and
all are written to the run. Where a preset sets the same, the preset's value counts.
"""

from typing import Any

from adaptive_style_tf.errors import UsageError


def release() -> dict[str, Any]:
    """The 2018 release: crops of 768 px and 300,000 steps, for a GPU. These are the defaults.

    Command:
        python -m adaptive_style_tf.train --artist cezanne
    """
    return {}


def cpu() -> dict[str, Any]:
    """A short training at 256 px, for a few processor cores.

    Command:
        python -m adaptive_style_tf.train --artist cezanne --profile cpu

    Time: 16,000 steps of the warm start, 1,500 of the discriminator alone and 3,000 of the networks
    in turn. The shipped Cezanne took less than three hours on two AMD EPYC cores with such
    settings, in several runs; in one go they have not been run to their end.

    To expect: content kept, strokes along the edges and in flat skies, dark contours, the painter's
    colors, within surfaces too (docs/training.md has what was tried).
    """
    return {
        "image_size": 256,
        "ndf": 32,
        "discriminator": "patches",
        "precision": "mixed_bfloat16",
        "grain": 5.0,
        "photograph_scale": 0.5,
        "style_scale": 0.85,
        "warm_start_steps": 16_000,
        "warm_start_rate": 3e-4,
        "discriminator_head_start": 1500,
        "schedule": "alternate",
        "content_weight": 10.0,
        "image_weight": 10.0,
        "stroke_weight": 40.0,
        "learning_rate": 1e-4,
        "discriminator_rate": 4e-4,
        "lr_schedule": "fade",
        "adam_beta1": 0.5,
        "diff_augment": "crop",
        "generator_ema": 0.998,
        "clip_norm": 20.0,
        "total_steps": 20_500,
    }


PROFILES = {"release": release, "cpu": cpu}


def profile(name: str) -> dict[str, Any]:
    """The settings of a profile that are not the defaults.

    Raises:
        UsageError: there is no such profile.
    """
    if name not in PROFILES:
        raise UsageError(f"Unknown profile {name!r}; choose one of {', '.join(PROFILES)}.")
    return PROFILES[name]()
