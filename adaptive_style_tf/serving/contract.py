"""What an exported model says about itself, in `assets.extra/contract.json`."""

import json
from pathlib import Path
from typing import Any

from adaptive_style_tf import __version__
from adaptive_style_tf.errors import ExportError
from adaptive_style_tf.serving.file_kinds import JPEG_SIDE
from adaptive_style_tf.styles import StyleDescription

FOLDER = "assets.extra"  # of a SavedModel; servers leave unknown files in it alone
FILE = "contract.json"
FORMAT_VERSION = 1

# What is told of a model, and in it of its style: keys and their kinds.
KINDS: dict[str, type] = {
    "package": str,
    "package_version": str,
    "license": str,
    "signatures": dict,
    "max_pixels": int,
    "notes": list,
    "style": dict,
}
KINDS_OF_STYLE: dict[str, type] = {"name": str, "artist": str, "step": int, "settings": dict}

NOTES = (
    "The result has the size of the picture.",
    "Every picture of a batch is stylized by itself; others in the batch change nothing.",
    "EXIF orientation is not applied, and EXIF is not carried over: turn pictures before sending.",
    "Opacity is dropped, 16 bits become 8, and values are taken for sRGB.",
    "A request with bytes that are neither JPEG nor PNG fails as a whole; the message names the "
    "index.",
    f"stylize_encoded takes sides of up to {JPEG_SIDE:,} pixels, since no JPEG holds more; "
    "stylize_encoded_png takes longer ones.",
    "Sides are extended by reflection to multiples of 16, at least 64, and by a margin of 16 "
    "pixels all around, and cut back; max_pixels counts the extended picture without the margin.",
)


def contract_of(style: StyleDescription, quality: int, max_pixels: int) -> dict[str, Any]:
    """The contract of a style's export.

    Args:
        style: what was exported.
        quality: of JPEG, 1 to 100.
        max_pixels: of one picture, extended.
    """
    picture = "(B, H, W, 3), B, H and W from 1"
    files = "string (B,), the bytes of JPEG or PNG files"
    levels = f"uint8 {picture}, sRGB, 0 to 255"
    values = f"float32 {picture}, sRGB, 0 to 1"
    return {
        "format_version": FORMAT_VERSION,
        "package": "adaptive-style-tf",
        "package_version": __version__,
        "license": style.license,
        "signatures": {
            "serving_default": {"image": levels, "stylized": levels},
            "stylize_float": {"image": values, "stylized": values},
            "stylize_encoded": {
                "image_bytes": files,
                "stylized_bytes": f"string (B,), JPEG of quality {quality}",
            },
            "stylize_encoded_png": {"image_bytes": files, "stylized_bytes": "string (B,), PNG"},
        },
        "max_pixels": max_pixels,
        "notes": list(NOTES),
        "style": json.loads(style.to_json()),
    }


def write_contract(model: Path, contract: dict[str, Any]) -> None:
    """Writes it into the folder of a SavedModel."""
    folder = model / FOLDER
    folder.mkdir(exist_ok=True)
    text = json.dumps(contract, indent=2, ensure_ascii=False)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def read_contract(model: Path) -> dict[str, Any]:
    """Reads it back.

    Raises:
        ExportError: there is none, or it is damaged.
    """
    path = model / FOLDER / FILE
    try:
        contract = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ExportError(f"{model} was not exported by this package: {path} is missing") from error
    except (OSError, ValueError) as error:
        raise ExportError(f"{path} cannot be read ({error}): export the style anew") from error
    if not isinstance(contract, dict) or contract.get("format_version") != FORMAT_VERSION:
        raise ExportError(f"{path} is damaged or of another version: export the style anew")
    wrong = (
        misfits(contract, KINDS)
        or misfits(contract["style"], KINDS_OF_STYLE)
        or misfits(contract["signatures"], dict.fromkeys(contract["signatures"], dict))
    )
    if wrong:
        raise ExportError(f"{path} is damaged, see {', '.join(wrong)}: export the style anew")
    return contract


def misfits(found: dict[str, Any], kinds: dict[str, type]) -> list[str]:
    """The keys that are missing, or have a value of another kind."""
    return [key for key, kind in kinds.items() if not isinstance(found.get(key), kind)]
