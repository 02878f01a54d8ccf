"""Writing files so that they are still there after the power went out."""

import os
from pathlib import Path

from adaptive_style_tf.styles.replacing import flush_folder


def write_durably(path: Path, data: bytes) -> None:
    """Writes a new file and returns once the system says that it lies on the disk.

    Raises:
        OSError: Whatever the file system says, a full disk among it.
    """
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_durably(path: Path, data: bytes) -> None:
    """Writes `data` beside `path` and renames it: readers see the old or the new file, never half.

    Raises:
        OSError: Nothing was changed then.
    """
    temporary = path.with_name(f".{path.name}.unfinished")
    try:
        write_durably(temporary, data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)
