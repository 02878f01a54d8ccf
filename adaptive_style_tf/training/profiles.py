"""Settings that go together for the size of a machine (`--profile`).

A profile is no more than a set of ordinary settings: each can be overridden by its own option, and
all are written to the run. It says nothing about the losses; those are the preset's, and the two
have no setting in common, so that any preset goes with any profile.
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
    """A short training at 512 px, for a few processor cores.

    Command:
        python -m adaptive_style_tf.train --artist cezanne --profile cpu

    Time: 1,500 steps of the warm start, 500 of the discriminator alone and 4,000 of the networks
    in turn; about an hour and a half on two AMD EPYC cores. Put together from a run that came near
    it, not yet run as a whole.

    To expect: content kept, strong colors, dark contours, patches of paint; hardly any single
    strokes (docs/training.md has what was tried).
    """
    return {
        "image_size": 512,
        "ndf": 32,
        "precision": "mixed_bfloat16",
        "warm_start_steps": 5000,
        "warm_start_size": 256,
        "warm_start_rate": 3e-4,
        "patch_weight": 15.0,
        "shift_weight": 250.0,
        "guide_weight": 250.0,
        "discriminator_head_start": 500,
        "schedule": "alternate",
        "discriminator_steps": 2,
        "learning_rate": 8e-5,
        "adam_beta1": 0.5,
        "diff_augment": "crop",
        "grain": 5.0,
        "photograph_scale": 0.5,
        "style_scale": 0.85,
        "generator_ema": 0.99,
        "clip_norm": 20.0,
        "total_steps": 6000,
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
