"""The text of a shipped style's model card, `README.md` beside the weights."""

import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from painters import PROTECTED_YEARS, Painter
from style_samples import Sample

from adaptive_style_tf.errors import UsageError
from adaptive_style_tf.styles import DISCRIMINATOR_FILE, StyleDescription

WEAKNESSES = "Known weaknesses"
CHANGES = "What changed"
PHOTOGRAPHS = "Photographs"

# Settings that change neither what is learned nor for how long.
NOT_REPEATED = {"save_every", "sample_every", "init_from", "total_steps"}

_HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)


def notes_from(text: str, required: Sequence[str]) -> dict[str, str]:
    """Reads what the maintainer has to say: Markdown with a heading `## ...` over each part.

    Args:
        text: of the notes.
        required: headings that must be there, with something below them.

    Returns:
        Text by heading, as they stand.

    Raises:
        UsageError: a part is missing, or text stands above the first heading.
    """
    before, *parts = _HEADING.split(text)
    if before.strip():
        raise UsageError(f'The notes begin with "{before.strip()[:40]}"; begin with a ## heading.')
    notes = {heading: part.strip() for heading, part in zip(parts[::2], parts[1::2], strict=True)}
    missing = [heading for heading in required if not notes.get(heading)]
    if missing:
        listed = ", ".join(f'"## {heading}"' for heading in missing)
        raise UsageError(f"The model card needs {listed}: write it into the file of --notes.")
    return notes


def model_card(
    slug: str,
    description: StyleDescription,
    *,
    painter: Painter,
    samples: Sequence[Sample],
    sizes: Mapping[str, int],
    notes: Mapping[str, str],
    previous: StyleDescription | None,
) -> str:
    """Writes the card.

    Args:
        slug: the style's folder.
        description: as it is in `style.json`.
        painter: whose paintings it learned from.
        samples: at least one.
        sizes: bytes by weight file.
        notes: from `notes_from`.
        previous: the style whose place it takes, if there was one.
    """
    parts = [
        _front_matter(slug),
        f"# {description.name}",
        f"Gives photographs the style of {painter.name}: a generator for "
        "[adaptive-style-tf](../../README.md), trained with the style-aware content loss of "
        "[Sanakoyeu et al., 2018](https://arxiv.org/abs/1807.10201).",
        _commands(f"python -m adaptive_style_tf.stylize photo.jpg --style {slug}"),
        "## Samples",
        "Left the photograph, right the result, both at their own size. None of these photographs "
        "was trained on." + ("" if PHOTOGRAPHS in notes else f" {_DEMO_SOURCES}"),
        *(f"![{sample.name}]({sample.file})" for sample in samples),
        "## Training",
        _training_table(description),
        "With the paintings and photographs in two folders, this repeats it:"
        if one_command_repeats(description)
        else "With the paintings and photographs in two folders, these are the settings of the "
        "training; what was done besides stands above and below:",
        _commands(training_command(slug, description)),
        "Every setting is in [style.json](style.json).",
        f"## {WEAKNESSES}",
        notes[WEAKNESSES],
        f"## {CHANGES}",
        _what_changed(description, previous),
        *([notes[CHANGES]] if CHANGES in notes else []),
        *(
            f"## {heading}\n\n{text}"
            for heading, text in notes.items()
            if heading not in (WEAKNESSES, CHANGES)
        ),
        "## Files",
        _files(slug, description, sizes, samples),
        "## License",
        f"The weights are under [Apache-2.0](../../LICENSE), like the package. {painter.name} died "
        f"in {painter.died}, more than {PROTECTED_YEARS} years ago: the paintings are in the "
        f"public domain wherever protection ends {PROTECTED_YEARS} years after a painter's death.",
    ]
    return "\n\n".join(parts) + "\n"


def one_command_repeats(description: StyleDescription) -> bool:
    """Whether a single command makes the weights.

    None does where they were blended, or began from a style that nobody else has, or were taken
    before the last step of a training whose rate falls.
    """
    settings = description.settings
    falling = settings.get("lr_schedule", "constant") != "constant"
    taken_early = falling and description.step != settings.get("total_steps", description.step)
    return description.source == "trained" and settings.get("init_from") is None and not taken_early


def training_command(slug: str, description: StyleDescription) -> str:
    """The `train` command with every setting that is not the default.

    Settings that only an earlier version had are left out.
    """
    import argparse

    from adaptive_style_tf.train import COMMAND, build_parser
    from adaptive_style_tf.training.settings import TrainingSettings

    options = {action.dest: action for action in build_parser()._actions}
    defaults = TrainingSettings().flat()
    settings = description.settings
    words = ["--artist", slug, "--style-dir", "PAINTINGS", "--content-dir", "PHOTOGRAPHS"]
    for name, value in settings.items():
        if name in NOT_REPEATED or name not in options or value == defaults.get(name):
            continue
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            is_pair = isinstance(options[name], argparse.BooleanOptionalAction)
            words += [option] if value else [f"--no{option[1:]}"] if is_pair else []
        else:
            words += [option, str(value)]
    # Where the rate falls towards the end, it matters where the end was meant to be.
    falls = settings.get("lr_schedule", "constant") != "constant"
    words += ["--total-steps", str(settings["total_steps"] if falls else description.step)]
    if settings.get("init_from"):
        words += ["--init-from", str(settings["init_from"])]
    return " ".join([COMMAND, shlex.join(words)])


_DEMO_SOURCES = (
    "[Sources and terms](../../adaptive_style_tf/demo_pictures/SOURCES.md) of the photographs."
)


def _front_matter(slug: str) -> str:
    tags = "\n".join(f"- {tag}" for tag in ("style-transfer", "keras", "tensorflow", slug))
    return (
        "---\nlicense: apache-2.0\nlibrary_name: adaptive-style-tf\n"
        f"pipeline_tag: image-to-image\ntags:\n{tags}\n---"
    )


def _training_table(description: StyleDescription) -> str:
    start = description.settings.get("init_from")
    time = "not recorded"
    if description.hours is not None:
        time = duration_text(description.hours) + (f", without that of {start}" if start else "")
    warm = description.settings.get("warm_start_steps")
    rows = {
        "steps": f"{description.step:,} of generator and discriminator together"
        + (f", the first {warm:,} a warm start" if warm else ""),
        **{name: f"{count:,}" for name, count in description.data.items()},
        **({"started from": str(start)} if start else {}),
        **({} if description.source == "trained" else {"weights": description.source}),
        "time": time,
        "hardware": description.hardware,
        "date": _day(description),
        "package": f"adaptive-style-tf {description.package_version}",
    }
    return "| | |\n| --- | --- |\n" + "\n".join(
        f"| {name} | {text} |" for name, text in rows.items()
    )


def duration_text(hours: float) -> str:
    """Hours with one digit, below one hour minutes: "6.5 hours", "25 minutes"."""
    minutes = max(1, round(60 * hours))
    if minutes < 60:
        return f"{minutes} minute" + ("s" if minutes != 1 else "")
    return f"{hours:.1f} hours"


def _what_changed(description: StyleDescription, previous: StyleDescription | None) -> str:
    if previous is None:
        return "This is the first version."
    before, now = previous.settings, description.settings
    differences = [
        f"- `{name}`: {_shown(before, name)}, now {_shown(now, name)}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name) and name not in ("save_every", "sample_every")
    ]
    line = (
        f"It takes the place of the style of {_day(previous)}, which had {previous.step:,} steps. "
        f"{'Settings that differ:' if differences else 'The settings are the same.'}"
    )
    return "\n\n".join([line, "\n".join(differences)]) if differences else line


def _files(
    slug: str, description: StyleDescription, sizes: Mapping[str, int], samples: Sequence[Sample]
) -> str:
    levels = max(sample.changed_levels for sample in samples)
    share = max(sample.changed_share for sample in samples)
    lines = [
        f"- `{name}`: float16, {sizes[name] / 1e6:.1f} MB, SHA-256 `{digest}`"
        for name, digest in description.files.items()
    ]
    lines.append(
        f"\nFloat16 changes the samples by at most {levels} of 255 levels from float32, "
        f"in at most {share:.1%} of their values."
    )
    if DISCRIMINATOR_FILE in description.files:
        lines.append(
            f"\nThe discriminator is there so that training can go on: `--init-from {slug} "
            f"--ngf {description.ngf} --ndf {description.ndf}`."
        )
    return "\n".join(lines)


def _commands(text: str) -> str:
    return f"```\n{text}\n```"


def _day(description: StyleDescription) -> str:
    return datetime.fromisoformat(description.date).date().isoformat()


def _shown(settings: Mapping[str, Any], name: str) -> str:
    return str(settings[name]) if name in settings else "not set"
