"""What a training can be told, one frozen dataclass per subject, checked when it is made."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from adaptive_style_tf.errors import UsageError

PRECISIONS = ("float32", "mixed_bfloat16")
DISCRIMINATORS = ("release", "patches")
PRESETS = ("release", "paper")
AUGMENTATION_POLICIES = ("color", "translation", "cutout", "crop", "blur")


@dataclass(frozen=True)
class NetworkSettings:
    """The networks (REFERENCE 2)."""

    ngf: int = 32  # channels of the generator's first layer (release)
    ndf: int = (
        64  # half of the channels of the discriminator's first layer (release); of patches: all
    )
    discriminator: str = "release"  # or "patches": quicker to learn, not in the paper
    transformer_kind: str = "fixed"  # or "learned": T is trained with E and G (paper)
    transformer_kernel: int = 10  # px, side of T's neighborhood (release)
    precision: str = "float32"  # or "mixed_bfloat16": statistics, losses, weights stay float32

    def __post_init__(self) -> None:
        require(self, "ngf", self.ngf >= 1, "at least 1")
        require(self, "ndf", self.ndf >= 1, "at least 1")
        require_choice(self, "discriminator", DISCRIMINATORS)
        require_choice(self, "transformer_kind", ("fixed", "learned"))
        require(self, "transformer_kernel", self.transformer_kernel >= 1, "at least 1")
        require_choice(self, "precision", PRECISIONS)


@dataclass(frozen=True)
class ObjectiveSettings:
    """The losses; the defaults are the 2018 release's (REFERENCE 1)."""

    adversarial_weight: float = 1.0
    content_weight: float = 100.0
    image_weight: float = 100.0  # of the transformed image loss L_T
    content_loss: str = "l1"  # or "l2", the paper's squared difference
    generator_adversarial: str = "non_saturating"  # -log D; or "saturating", the paper's log(1 - D)
    photographs_are_negatives: bool = (
        True  # D sees the untouched photograph too; the paper has no such term
    )
    stroke_weight: float = 0.0  # of the distance from the photograph in strokes; not in the paper
    diff_augment: str = "none"  # or policies with commas, by which all that D sees is changed

    def __post_init__(self) -> None:
        for name in (
            "adversarial_weight",
            "content_weight",
            "image_weight",
            "stroke_weight",
        ):
            require(self, name, 0 <= getattr(self, name) < float("inf"), "at least 0")
        require_choice(self, "content_loss", ("l1", "l2"))
        require_choice(self, "generator_adversarial", ("non_saturating", "saturating"))
        policies = self.augmentation_policies
        known = {*policies} <= {*AUGMENTATION_POLICIES} and len({*policies}) == len(policies)
        wanted = f"none, or some of {', '.join(AUGMENTATION_POLICIES)} with commas between"
        require(self, "diff_augment", known, wanted)

    @property
    def augmentation_policies(self) -> tuple[str, ...]:
        """What `diff_augment` asks for, in its order; see `differentiable_augmentation`."""
        return () if self.diff_augment == "none" else tuple(self.diff_augment.split(","))


@dataclass(frozen=True)
class OptimizationSettings:
    """Rates and schedule (REFERENCE 3)."""

    learning_rate: float = 2e-4  # of both Adam optimizers (release and paper)
    discriminator_rate: float = 0.0  # of its optimizer; 0: the learning rate of both (release)
    adam_beta1: float = 0.9  # share that the mean of both's gradients keeps at a step (release)
    lr_schedule: str = "constant"  # (release); or "drop" (paper), or "fade", see `learning_rate_at`
    schedule: str = "success"  # who is trained (release); or "alternate", a fixed ratio
    discriminator_success_rate: float = 0.8  # share of trials that D wins (release)
    discriminator_steps: int = 1  # for each generator step, where the schedule is "alternate"
    warm_start_steps: int = (
        0  # steps of reconstruction before the adversarial phase; not in the paper
    )
    discriminator_head_start: int = 0  # steps of D alone after it, before both take turns
    warm_start_rate: float = 2.5e-4  # its learning rate, which falls to a tenth; 1e-3 leaves spikes
    generator_ema: float = 0.0  # share that the weight average keeps at a step; 0: no average
    clip_norm: float = 0.0  # largest norm of each network's gradient; 0: not clipped

    def __post_init__(self) -> None:
        require(self, "learning_rate", 0 < self.learning_rate < float("inf"), "above 0")
        own = self.discriminator_rate
        require(self, "discriminator_rate", 0 <= own < float("inf"), "at least 0")
        require(self, "adam_beta1", 0 <= self.adam_beta1 < 1, "at least 0 and below 1")
        require_choice(self, "lr_schedule", ("constant", "drop", "fade"))
        require_choice(self, "schedule", ("success", "alternate"))
        require(self, "discriminator_steps", self.discriminator_steps >= 1, "at least 1")
        require(self, "warm_start_steps", self.warm_start_steps >= 0, "at least 0")
        alone = self.discriminator_head_start
        require(self, "discriminator_head_start", alone >= 0, "at least 0")
        require(self, "warm_start_rate", 0 < self.warm_start_rate < float("inf"), "above 0")
        rate = self.discriminator_success_rate
        require(self, "discriminator_success_rate", 0 <= rate <= 1, "between 0 and 1")
        require(self, "generator_ema", 0 <= self.generator_ema < 1, "at least 0 and below 1")
        require(self, "clip_norm", 0 <= self.clip_norm < float("inf"), "at least 0")


@dataclass(frozen=True)
class DataSettings:
    """The pictures a step sees (REFERENCE 4)."""

    image_size: int = 768  # px, side of the square crops (release)
    batch_size: int = 1  # pictures of each kind in a step (release)
    style_scale: float = 1.0  # of the paintings, beside the release's sizing: size of the strokes
    photograph_scale: float = 1.0  # of the photographs, likewise
    grain: float = 0.0  # levels, standard deviation of what photographs get; not in the paper
    scale_bug: bool = False  # True: every scaled crop by 0.8, as the release did by mistake
    stretch_small_crops: bool = False  # True: crops of small pictures are stretched (release)
    all_categories: bool = False  # of Places365; False: the release's scenes

    def __post_init__(self) -> None:
        fits = self.image_size >= 64 and self.image_size % 16 == 0
        require(self, "image_size", fits, "a multiple of 16 and at least 64")
        for name in ("style_scale", "photograph_scale"):
            require(self, name, 0.05 <= getattr(self, name) <= 4, "between 0.05 and 4")
        require(self, "grain", 0 <= self.grain <= 64, "between 0 and 64")
        require(self, "batch_size", self.batch_size >= 1, "at least 1")


@dataclass(frozen=True)
class RunSettings:
    """How long, how often, from which random numbers."""

    total_steps: int = 300_000  # of both networks together (release)
    save_every: int = 1000  # steps between checkpoints (release)
    sample_every: int = 500  # steps between sample sheets (release)
    seed: int = 0
    deterministic: bool = (
        False  # TensorFlow's deterministic kernels: slower, bit for bit repeatable
    )

    def __post_init__(self) -> None:
        for name in ("total_steps", "save_every", "sample_every"):
            require(self, name, getattr(self, name) >= 1, "at least 1")
        require(self, "seed", 0 <= self.seed < 2**63, "at least 0")


@dataclass(frozen=True)
class TrainingSettings:
    """All that decides what a training learns, apart from the pictures themselves."""

    network: NetworkSettings = field(default_factory=NetworkSettings)
    objective: ObjectiveSettings = field(default_factory=ObjectiveSettings)
    optimization: OptimizationSettings = field(default_factory=OptimizationSettings)
    data: DataSettings = field(default_factory=DataSettings)
    run: RunSettings = field(default_factory=RunSettings)

    def flat(self) -> dict[str, Any]:
        """Every setting by its name, as it is written to `settings.json`."""
        return {name: value for part in asdict(self).values() for name, value in part.items()}


PARTS: dict[str, Any] = {
    "network": NetworkSettings,
    "objective": ObjectiveSettings,
    "optimization": OptimizationSettings,
    "data": DataSettings,
    "run": RunSettings,
}


def settings_from(values: Mapping[str, Any]) -> TrainingSettings:
    """The settings with these values, by the names of `TrainingSettings.flat`, else defaults.

    Raises:
        UsageError: for a value out of range or an unknown name.
    """
    unknown = set(values) - {item.name for part in PARTS.values() for item in fields(part)}
    if unknown:
        raise UsageError(f"Unknown settings: {', '.join(sorted(unknown))}.")
    made: dict[str, Any] = {
        name: part(**{item.name: values[item.name] for item in fields(part) if item.name in values})
        for name, part in PARTS.items()
    }
    return TrainingSettings(**made)


def preset(name: str) -> dict[str, Any]:
    """The settings in which the paper differs from the 2018 release (REFERENCE 1 and 3).

    Args:
        name: `release`, for which nothing differs, or `paper`.

    Raises:
        UsageError: for another name.
    """
    if name == "release":
        return {}
    if name == "paper":
        return {
            "content_loss": "l2",
            "generator_adversarial": "saturating",
            "photographs_are_negatives": False,
            "adversarial_weight": 0.001,  # lambda
            "content_weight": 1.0,
            "image_weight": 1.0,
            "transformer_kind": "learned",
            "lr_schedule": "drop",
        }
    raise UsageError(f"Unknown preset {name!r}; choose one of {', '.join(PRESETS)}.")


def require(settings: object, name: str, holds: bool, meaning: str) -> None:
    if not holds:
        option = name.replace("_", "-")
        raise UsageError(f"--{option} must be {meaning}. Received: {getattr(settings, name)}")


def require_choice(settings: object, name: str, choices: tuple[str, ...]) -> None:
    require(settings, name, getattr(settings, name) in choices, f"one of {', '.join(choices)}")
