"""Reading the checkpoints of the 2018 release (CompVis/adaptive-style-transfer)."""

from adaptive_style_tf.release.adam import AdamState
from adaptive_style_tf.release.names import release_names
from adaptive_style_tf.release.reading import ReleaseCheckpoint, read_release_checkpoint

__all__ = ["AdamState", "ReleaseCheckpoint", "read_release_checkpoint", "release_names"]
