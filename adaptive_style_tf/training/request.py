"""What a training is asked to do, and how that may differ from how its run was begun.

Free of TensorFlow, so that every training loop starts from here.
"""

import datetime
from dataclasses import dataclass, fields
from pathlib import Path

from adaptive_style_tf import __version__
from adaptive_style_tf.errors import UsageError
from adaptive_style_tf.styles import StyleDescription
from adaptive_style_tf.training.material import Material, Places
from adaptive_style_tf.training.run_folder import RunFolder
from adaptive_style_tf.training.settings import (
    DataSettings,
    ObjectiveSettings,
    OptimizationSettings,
    TrainingSettings,
)

# Settings of an existing run that a new start may change: they do not change what is learned.
MAY_DIFFER = {
    *("save_every", "sample_every", "deterministic"),
    *("data_dir", "style_dir", "content_dir"),
}
MAY_GROW = {"total_steps"}
# What else may change together with `--resume-from`, which says that the run takes another course:
# all but what the checkpoint's arrays and step numbers stand for.
MAY_DIFFER_ON_GOING_BACK = {
    "precision",
    *(
        item.name
        for part in (ObjectiveSettings, OptimizationSettings, DataSettings)
        for item in fields(part)
    ),
} - {"warm_start_steps", "generator_ema"}


@dataclass(frozen=True)
class TrainingRequest:
    """What a training is to do, beyond how it learns."""

    places: Places
    run_dir: Path
    settings: TrainingSettings
    command: str  # the command line without --resume-from and --restart, for advice
    init_from: str | None = None  # style to start from, by name or path
    resume_from: int | None = None  # step to go back to
    restart: bool = False  # delete what the run folder holds
    cache_gigabytes: float = 0.5  # for decoded pictures, of paintings and of photographs each

    def __post_init__(self) -> None:
        if self.restart and self.resume_from is not None:
            raise UsageError(
                "--restart deletes the checkpoints that --resume-from would go back to; "
                "give one of the two."
            )

    @property
    def cache_bytes(self) -> int:
        return int(self.cache_gigabytes * 2**30)

    def record(self) -> dict[str, object]:
        """What `settings.json` holds."""
        places = self.places
        return {
            "artist": places.artist,
            "data_dir": str(places.data_dir),
            "style_dir": None if places.style_dir is None else str(places.style_dir),
            "content_dir": None if places.content_dir is None else str(places.content_dir),
            "init_from": self.init_from,
            **self.settings.flat(),
        }

    def changes(self, folder: RunFolder) -> list[str]:
        """What differs from how the run was begun, a line for each.

        Raises:
            RunFolderError: something differs that would change what is learned; lists all of it.
        """
        going_back = MAY_DIFFER_ON_GOING_BACK if self.resume_from is not None else set()
        record, defaults = self.record(), TrainingSettings().flat()
        # Settings of an earlier version that this one does not have: no command could repeat them.
        gone = (folder.read_settings() or {}).keys() - record.keys()
        may_differ = MAY_DIFFER | going_back | gone
        return folder.check_settings(record, may_differ, MAY_GROW, defaults)

    def description(self, material: Material, hardware: str, step: int) -> StyleDescription:
        """What `style.json` says about the generator of this step."""
        return StyleDescription(
            name=self.places.artist,
            artist=self.places.artist,
            ngf=self.settings.network.ngf,
            step=step,
            settings={**self.settings.flat(), "init_from": self.init_from},
            data=material.counts(),
            hardware=hardware,
            date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            package_version=__version__,
            license="not stated; it is for those who trained the style to say",
        )
