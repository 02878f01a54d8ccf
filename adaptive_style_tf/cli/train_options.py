"""The options of the command `train`, in groups.

A setting that is not given stays None; it takes the preset's or the profile's value, if they have
one, else its default.
"""

import argparse
from pathlib import Path

from adaptive_style_tf.cli.arguments import (
    any_path,
    non_negative_float,
    non_negative_int,
    positive_float,
    positive_int,
    share,
    training_image_size,
)


def add_pictures(parser: argparse.ArgumentParser) -> None:
    """Which pictures, and how they are cropped."""
    add = parser.add_argument_group("pictures").add_argument
    add("--artist", help="whose style; default: the name of --style-dir")
    add("--style-dir", "--ptad", type=any_path, help="folder of paintings")
    add("--content-dir", "--ptcd", type=any_path, help="folder of photographs")
    add("--data-dir", type=any_path, default=Path("data"), help="default: data")
    add(
        "--all-categories",
        action="store_true",
        default=None,
        help="of a Places365 tree, take every category (default: the scenes of the 2018 release)",
    )
    add("--image-size", type=training_image_size, help="side of the crops, px (default: 768)")
    add(
        "--style-scale",
        type=positive_float,
        help="scale at which paintings are cropped; below 1 strokes are finer (default: 1)",
    )
    add(
        "--photograph-scale",
        type=positive_float,
        help="scale at which photographs are cropped; below 1 a crop shows more (default: 1)",
    )
    add(
        "--grain",
        type=non_negative_float,
        metavar="LEVELS",
        help="faint noise that photographs get, in training and use, of which the network makes "
        "strokes, such as 5 of 255; not in the paper (default: 0)",
    )
    add("--batch-size", type=positive_int, help="pictures in a step (default: 1)")
    add(
        "--scale-bug",
        action="store_true",
        default=None,
        help="scale crops by 0.8 only, as the 2018 release did (default: 0.8 to 1.2)",
    )
    add(
        "--stretch-small-crops",
        action="store_true",
        default=None,
        help="stretch crops of small pictures, as the 2018 release did (default: enlarge)",
    )
    add(
        "--cache-gigabytes",
        type=non_negative_float,
        default=0.5,
        help="memory for decoded pictures, of paintings and of photographs each; if all fit, each "
        "is decoded once (default: 0.5)",
    )
    add("--check-data", action="store_true", help="look at the pictures, report, and end")


def add_learning(parser: argparse.ArgumentParser) -> None:
    """Networks, losses, rates and schedule."""
    add = parser.add_argument_group("learning").add_argument
    add(
        "--preset",
        choices=("release", "paper"),
        default="release",
        help="the 2018 release's losses and settings, or the paper's (default: release)",
    )
    add(
        "--profile",
        choices=("release", "cpu"),
        default="release",
        help="settings for the size of the machine: the 2018 release's 768 px, or a short training "
        "at 256 px for a few processor cores; other options override it (default: release)",
    )
    add("--total-steps", type=positive_int, help="of both networks together (default: 300000)")
    add("--learning-rate", "--lr", type=positive_float, help="of both (default: 0.0002)")
    add(
        "--discriminator-rate",
        type=non_negative_float,
        help="learning rate of the discriminator (default: 0, that of both)",
    )
    add(
        "--adam-beta1",
        type=share,
        help="share that Adam's mean of the gradients keeps at a step, of both, "
        "such as 0.5 (default: 0.9)",
    )
    add(
        "--lr-schedule",
        choices=("constant", "drop", "fade"),
        help="drop: a tenth for the last third; fade: from the middle on falling evenly to a "
        "tenth, for short trainings (default: constant; paper: drop)",
    )
    add(
        "--schedule",
        choices=("success", "alternate"),
        help="success: whom the discriminator's success calls for; alternate: a fixed ratio, "
        "better for short trainings (default: success)",
    )
    add(
        "--discriminator-steps",
        type=positive_int,
        help="for each generator step, where the schedule is alternate (default: 1)",
    )
    add(
        "--warm-start-steps",
        type=non_negative_int,
        help="steps in which the generator first learns to give pictures back, for short "
        "trainings, such as 2000 (default: 0)",
    )
    add(
        "--warm-start-rate",
        type=positive_float,
        help="learning rate of these steps; it falls to a tenth over their second half "
        "(default: 0.00025)",
    )
    add(
        "--discriminator-head-start",
        type=non_negative_int,
        help="steps in which the discriminator then learns alone, before the two take turns, for "
        "short trainings, such as 600 (default: 0)",
    )
    add(
        "--discriminator-success-rate",
        "--dsr",
        type=share,
        help="share of trials that the discriminator wins (default: 0.8)",
    )
    add("--adversarial-weight", "--dlw", type=non_negative_float, help="default: 1; paper: 0.001")
    add("--content-weight", "--flw", type=non_negative_float, help="default: 100; paper: 1")
    add(
        "--image-weight",
        "--tlw",
        type=non_negative_float,
        help="of the transformed image loss (default: 100; paper: 1)",
    )
    add(
        "--stroke-weight",
        type=non_negative_float,
        help="of the distance from the photograph laid down in strokes, the warm start's aim, in "
        "later steps; not in the paper (default: 0)",
    )
    add(
        "--content-loss",
        choices=("l1", "l2"),
        help="mean of sizes or of squares (default: l1; paper: l2)",
    )
    add(
        "--generator-adversarial",
        choices=("non_saturating", "saturating"),
        help="-log D or the paper's log(1 - D) (default: non_saturating; paper: saturating)",
    )
    add(
        "--photographs-are-negatives",
        action=argparse.BooleanOptionalAction,
        help="the discriminator sees untouched photographs too (default: yes; paper: no)",
    )
    add(
        "--diff-augment",
        metavar="POLICIES",
        help="change all that the discriminator sees: some of color,translation,cutout, for few "
        "paintings, and crop and blur, against grids (default: none)",
    )
    add(
        "--transformer-kind",
        choices=("fixed", "learned"),
        help="the blurring block T (default: fixed; paper: learned)",
    )
    add("--transformer-kernel", type=positive_int, help="side of T, px (default: 10)")
    add(
        "--generator-ema",
        type=share,
        help="share that the average of the generator's weights keeps at a step, such as 0.999 "
        "(default: 0, no average)",
    )
    add(
        "--clip-norm",
        type=non_negative_float,
        help="largest norm of each network's gradient, such as 20 (default: 0, not clipped)",
    )
    add("--ngf", type=positive_int, help="width of the generator (default: 32)")
    add(
        "--discriminator",
        choices=("release", "patches"),
        help="the 2018 release's, or one that judges patches and learns sooner, for short "
        "trainings; not in the paper (default: release)",
    )
    add("--ndf", type=positive_int, help="width of the discriminator (default: 64)")
    add("--precision", choices=("float32", "mixed_bfloat16"), help="default: float32")
    add(
        "--init-from",
        metavar="STYLE",
        help="start from a trained or converted style, by name or path, without the profile's "
        "warm start: good for few paintings",
    )
    add("--seed", type=non_negative_int, help="default: 0")
    add(
        "--deterministic",
        action="store_true",
        default=None,
        help="bit for bit repeatable, and slower (default: off)",
    )


def add_run(parser: argparse.ArgumentParser) -> None:
    """Where a run lies, and how it goes on."""
    add = parser.add_argument_group("run").add_argument
    add("--run-dir", type=any_path, help="default: runs/<artist>")
    add("--save-every", type=positive_int, help="steps between checkpoints (default: 1000)")
    add("--sample-every", type=positive_int, help="steps between sample sheets (default: 500)")
    add(
        "--resume-from",
        type=non_negative_int,
        metavar="STEP",
        help="go back to this checkpoint; later ones are set aside, not deleted. Weights, rates, "
        "schedule, precision and crops may be others from there on",
    )
    add(
        "--restart",
        action="store_true",
        help="begin anew and delete what the run folder holds, after asking",
    )
    add("--yes", action="store_true", help="do not ask")
