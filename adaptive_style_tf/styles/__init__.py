"""Trained styles: folders with a description and weights, and how they are found by name."""

from adaptive_style_tf.styles.description import (
    DESCRIPTION_FILE,
    DISCRIMINATOR_FILE,
    FORMAT_VERSION,
    GENERATOR_FILE,
    OPTIMIZER_FILE,
    StyleDescription,
)
from adaptive_style_tf.styles.folder import Style, read_style, write_style
from adaptive_style_tf.styles.listing import style_table
from adaptive_style_tf.styles.search import (
    FoundStyle,
    SearchFolder,
    default_search_folders,
    find_style,
    list_styles,
)

__all__ = [
    "DESCRIPTION_FILE",
    "DISCRIMINATOR_FILE",
    "FORMAT_VERSION",
    "GENERATOR_FILE",
    "OPTIMIZER_FILE",
    "FoundStyle",
    "SearchFolder",
    "Style",
    "StyleDescription",
    "default_search_folders",
    "find_style",
    "list_styles",
    "read_style",
    "style_table",
    "write_style",
]
