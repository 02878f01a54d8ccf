"""What a checkpoint of the release must hold, and whether it does: names and shapes only."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from adaptive_style_tf.errors import ReleaseCheckpointError
from adaptive_style_tf.release import names as naming

Shape = tuple[int, ...]
Widths = Callable[[int], dict[str, Shape]]

_WEIGHT_TYPES = ("float32",)
_STEP_TYPES = ("int32", "int64")


@dataclass(frozen=True)
class Network:
    """One network of a checkpoint: its width, and where its tensors are.

    `names` gives the release's variable by our weight name. `powers` are the names of Adam's
    beta1 and beta2 powers, None where the checkpoint has no Adam slots of this network.
    """

    width: int
    names: dict[str, str]
    powers: tuple[str, str] | None


@dataclass(frozen=True)
class Contents:
    """What a checkpoint holds; every tensor of it belongs to something named here."""

    generator: Network
    discriminator: Network | None
    has_global_step: bool
    unused: tuple[str, ...]  # known, but of no use: powers without slots


def account_for(found: Mapping[str, tuple[Shape, str]], where: object) -> Contents:
    """Assigns every tensor of a checkpoint to its place.

    Args:
        found: Shape and name of the dtype, by variable name.
        where: What the error calls the checkpoint.

    Raises:
        ReleaseCheckpointError: Tensors are missing, unexpected, or of the wrong shape or type; all
            of them are listed. Adam slots are wanted for all weights of a network or for none.
    """
    from adaptive_style_tf.models.shapes import discriminator_shapes, generator_shapes

    expected: dict[str, tuple[Shape, tuple[str, ...]]] = {}
    generator = _network(found, generator_shapes, naming.GENERATOR_POWERS, expected)
    discriminator = None
    if any(name.startswith("discriminator/") for name in found):
        powers = naming.DISCRIMINATOR_POWERS
        discriminator = _network(found, discriminator_shapes, powers, expected)
    if naming.GLOBAL_STEP in found:
        expected[naming.GLOBAL_STEP] = ((), _STEP_TYPES)
    all_powers = (*naming.GENERATOR_POWERS, *naming.DISCRIMINATOR_POWERS)
    unused = tuple(name for name in all_powers if name in found and name not in expected)

    missing = [name for name in expected if name not in found]
    unexpected = sorted(name for name in found if name not in expected and name not in unused)
    wrong = []
    for name, (shape, types) in expected.items():
        if name in found and (found[name][0] != shape or found[name][1] not in types):
            is_shape, is_type = found[name]
            wrong.append(f"{name} ({is_type} {list(is_shape)}, not {types[-1]} {list(shape)})")
    parts = [
        f"{what} ({len(listed)}): {', '.join(listed)}"
        for what, listed in (
            ("missing", missing),
            ("unexpected", unexpected),
            ("wrong shape or type", wrong),
        )
        if listed
    ]
    if parts:
        raise ReleaseCheckpointError(
            f"{where} is not what the 2018 release saves, take another checkpoint; "
            + "; ".join(parts)
        )
    return Contents(generator, discriminator, naming.GLOBAL_STEP in found, unused)


def slot_names(variables: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Gives the names of the first and second moment of each variable."""
    return {
        name: (f"{name}/{naming.FIRST_MOMENT}", f"{name}/{naming.SECOND_MOMENT}")
        for name in variables
    }


def _network(
    found: Mapping[str, tuple[Shape, str]],
    shapes_at_width: Widths,
    powers: tuple[str, str],
    expected: dict[str, tuple[Shape, tuple[str, ...]]],
) -> Network:
    """Reads a network's width and adds to `expected` what the checkpoint has to hold of it."""
    from adaptive_style_tf.models.shapes import infer_width

    names = naming.release_names(shapes_at_width(1))
    present = {name: found[theirs][0] for name, theirs in names.items() if theirs in found}
    # Without any width all weights are reported as missing or wrong, whatever it is taken to be.
    width = infer_width(present, shapes_at_width) or 1
    shapes = shapes_at_width(width)
    slots = slot_names(names.values())
    has_slots = any(slot in found for pair in slots.values() for slot in pair)
    for name, theirs in names.items():
        for tensor in (theirs, *(slots[theirs] if has_slots else ())):
            expected[tensor] = (shapes[name], _WEIGHT_TYPES)
    if has_slots:
        expected.update(dict.fromkeys(powers, ((), _WEIGHT_TYPES)))
    return Network(width, names, powers if has_slots else None)
