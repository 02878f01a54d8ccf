"""The styles that are there, as a table for people."""

import datetime
from collections.abc import Sequence

from adaptive_style_tf.errors import StyleError
from adaptive_style_tf.styles.folder import read_style
from adaptive_style_tf.styles.search import FoundStyle

HEADINGS = ("name", "steps", "size", "date", "folder")

_GAP = "  "


def style_table(styles: Sequence[FoundStyle]) -> list[str]:
    """Describes every style in a line, below a line of headings.

    Reads descriptions, not weights. The size is that of the files a style is made of. A style that
    cannot be read keeps its line, which then ends in what is wrong.

    Args:
        styles: From `list_styles`.
    """
    rows = [HEADINGS, *(_row(found) for found in styles)]
    *columns, _ = zip(*rows, strict=True)
    widths = [max(map(len, column)) for column in columns]
    return [
        _GAP.join(
            [
                row[0].ljust(widths[0]),
                row[1].rjust(widths[1]),
                row[2].rjust(widths[2]),
                row[3].ljust(widths[3]),
                row[4],  # the last column is as long as it is
            ]
        )
        for row in rows
    ]


def _row(found: FoundStyle) -> tuple[str, str, str, str, str]:
    try:
        description = read_style(found.folder).description
    except StyleError as error:
        return (found.name, "-", "-", "-", f"{found.folder}: {error}")
    size = sum((found.folder / name).stat().st_size for name in description.files)
    date = datetime.datetime.fromisoformat(description.date).date().isoformat()
    return (found.name, str(description.step), f"{size / 1e6:.1f} MB", date, str(found.folder))
