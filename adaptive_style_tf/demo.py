"""Shows the whole way once: `python -m adaptive_style_tf.demo`, or `make demo`.

With a trained style in checkpoints/ or in the package it stylizes the photographs that come with
the package. Without one it first trains for a few minutes on drawn pictures: a smoke run, which
shows that everything works and what a style looks like at its very beginning, not what the method
can do.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adaptive_style_tf import train
from adaptive_style_tf.cli.arguments import any_path, positive_int
from adaptive_style_tf.cli.doors import door_parser, run_door

if TYPE_CHECKING:
    from adaptive_style_tf.images.contact_sheet import Pixels
    from adaptive_style_tf.styles import FoundStyle

PICTURES = Path(__file__).with_name("demo_pictures")  # SOURCES.md there says whose they are
MANY_STYLES = 4  # with more than these one photograph has to do, so that it stays under a minute
DETAIL_SIDE = 200  # px of the photograph
DETAIL_TIMES = 3

DEFAULT_OUTPUT = Path("demo_output")
SMOKE_STEPS = 1000  # two to four minutes on two cores
SMOKE_SIZE = 128  # px, training crops
SMOKE_WIDTH = 16  # ngf and ndf, against 32 and 64
# In so few steps the release's own weights give little more than gray; with these, which were tried
# out, shapes and some of the colors show.
SMOKE_SETTINGS = {
    "--learning-rate": "0.0005",
    "--content-weight": "25",
    "--image-weight": "400",
    "--clip-norm": "20",
}
PAINTINGS = 32
PHOTOGRAPHS = 48


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and gives its exit code."""
    return run_door(parser(), demonstrate, argv)


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    arguments = door_parser(
        "demo",
        "Stylize photographs with every style in checkpoints/ and in the package, or, if there is "
        "none, with a style trained on the spot in a smoke run on drawn pictures. Prints where the "
        "contact sheet lies.",
        ["", "--photograph holiday.jpg"],
    )
    arguments.add_argument(
        "--photograph",
        type=any_path,
        help="what to stylize (default: those that come with the package)",
    )
    arguments.add_argument(
        "--output",
        type=any_path,
        default=DEFAULT_OUTPUT,
        metavar="FOLDER",
        help=f"where everything goes (default: {DEFAULT_OUTPUT})",
    )
    arguments.add_argument(
        "--steps",
        type=positive_int,
        default=SMOKE_STEPS,
        help=f"length of the smoke run (default: {SMOKE_STEPS})",
    )
    return arguments


def demonstrate(arguments: argparse.Namespace) -> int:
    """Stylizes photographs and shows everything on a contact sheet.

    Returns:
        0, or the exit code of a training that was stopped or failed, and has said why.

    Raises:
        AdaptiveStyleError: a photograph or a style cannot be used, or a result not be written.
    """
    from adaptive_style_tf.images.contact_sheet import contact_sheet
    from adaptive_style_tf.images.decoding import read_picture
    from adaptive_style_tf.images.encoding import write_picture

    output: Path = arguments.output
    paths = [arguments.photograph] if arguments.photograph else demo_photographs()
    styles = {style.name: style.folder for style in trained_styles()}
    is_smoke_run = not styles
    if len(styles) > MANY_STYLES and len(paths) > 1:
        print(f"There are {len(styles)} styles, so only {paths[0].name} is stylized with each.")
        paths = paths[:1]
    photographs = {path.stem: read_picture(path) for path in paths}
    if is_smoke_run:
        run = output / "run"
        if exit_code := smoke_run(output, run, arguments.steps):
            return exit_code
        styles = {"smoke-run": run / "style"}
    results = {name: stylized(folder, photographs) for name, folder in styles.items()}
    for style, pictures in results.items():
        for stem, picture in pictures.items():
            write_picture(output / f"{stem}_{style}.jpg", picture, overwrite=True)
    sheet = output / "contact_sheet.jpg"
    write_picture(sheet, contact_sheet(*rows_and_captions(photographs, results)), overwrite=True)
    if is_smoke_run:
        print(
            "This was a smoke run: it shows that everything works. A style that looks like its "
            "artist takes real paintings and many thousand steps; README.md says how."
        )
    print(f"Photograph and {', '.join(styles)} side by side: {sheet.resolve()}")
    return 0


def demo_photographs() -> list[Path]:
    """The photographs that come with the package; no style was trained on them."""
    return [PICTURES / f"{name}.jpg" for name in ("coffee", "chelsea", "astronaut", "rocket")]


def stylized(style: Path, photographs: "dict[str, Pixels]") -> "dict[str, Pixels]":
    """What a style makes of each photograph."""
    from adaptive_style_tf.inference.stylizer import Stylizer

    print(f"Stylizing {', '.join(photographs)} with {style}", file=sys.stderr)
    stylizer = Stylizer.load(style)
    return {name: stylizer.image(photograph) for name, photograph in photographs.items()}


def rows_and_captions(
    photographs: "dict[str, Pixels]", results: "dict[str, dict[str, Pixels]]"
) -> "tuple[list[list[Pixels]], list[list[str]]]":
    """A row for each photograph, and one in which the middle of the first is enlarged.

    Args:
        photographs: by name.
        results: for each style the stylized photographs by name.

    Returns:
        Pictures and what stands under them, both as `contact_sheet` takes them.
    """
    from adaptive_style_tf.images.contact_sheet import enlarged_detail

    rows = [
        [picture, *(pictures[name] for pictures in results.values())]
        for name, picture in photographs.items()
    ]
    captions = [
        [f"{name}: photograph", *(f"{name}: {style}" for style in results)] for name in photographs
    ]
    side = min(DETAIL_SIDE, *rows[0][0].shape[:2])
    rows.append([enlarged_detail(picture, side, DETAIL_TIMES) for picture in rows[0]])
    note = f"detail of {side} px, enlarged {DETAIL_TIMES} times"
    captions.append([f"{caption}, {note}" for caption in captions[0]])
    return rows, captions


def trained_styles() -> "list[FoundStyle]":
    """The styles that are there to be used: all but unfinished runs."""
    from adaptive_style_tf.styles import default_search_folders, list_styles

    places = [place for place in default_search_folders() if place.folder != Path("runs")]
    return list_styles(places)


def smoke_run(output: Path, run: Path, steps: int) -> int:
    """Trains a narrow network on drawn pictures, or goes on where that was stopped.

    Args:
        output: where the drawn pictures go.
        run: the run folder.
        steps: of the training.

    Returns:
        The exit code of the training.
    """
    from adaptive_style_tf.drawings import draw_paintings, draw_photographs

    paintings, photographs = output / "paintings", output / "photographs"
    print(f"SMOKE RUN: {steps} steps with a narrow network, on drawn pictures in {output}/.")
    draw_paintings(paintings, PAINTINGS)
    draw_photographs(photographs, PHOTOGRAPHS)
    return train.main(
        [
            *("--artist", "smoke-run"),
            *("--style-dir", str(paintings), "--content-dir", str(photographs)),
            *("--run-dir", str(run)),
            *("--image-size", str(SMOKE_SIZE)),
            *("--ngf", str(SMOKE_WIDTH), "--ndf", str(SMOKE_WIDTH)),
            *("--total-steps", str(steps)),
            *("--save-every", "500", "--sample-every", "200"),
            *(word for option in SMOKE_SETTINGS.items() for word in option),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
