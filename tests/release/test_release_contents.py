import json
from pathlib import Path

import pytest

from adaptive_style_tf.errors import ReleaseCheckpointError
from adaptive_style_tf.release.contents import account_for

GOLDENS = Path(__file__).parents[1] / "goldens"

Found = dict[str, tuple[tuple[int, ...], str]]


@pytest.fixture
def full() -> Found:
    """All that a training checkpoint of the release holds, at its default widths."""
    listed = json.loads((GOLDENS / "variables_default.json").read_text(encoding="utf-8"))
    found: Found = {}
    for entry in listed["trainable"]:
        for end in ("", "/Adam", "/Adam_1"):
            found[entry["name"] + end] = (tuple(entry["shape"]), "float32")
    found.update(dict.fromkeys(listed["optimizer_scalars"], ((), "float32")))
    assert len(found) == listed["counts"]["checkpoint_variables"] == 334
    return found


def only(found: Found, *starts: str, slots: bool = True) -> Found:
    return {
        name: what
        for name, what in found.items()
        if name.startswith(starts) and (slots or "/Adam" not in name)
    }


def test_a_full_checkpoint(full: Found) -> None:
    contents = account_for(full, "m")
    assert contents.generator.width == 32
    assert contents.generator.powers == ("beta1_power_1", "beta2_power_1")
    assert contents.discriminator is not None
    assert contents.discriminator.width == 64
    assert contents.discriminator.powers == ("beta1_power", "beta2_power")
    assert (contents.has_global_step, contents.unused) == (False, ())


def test_a_generator_alone(full: Found) -> None:
    contents = account_for(only(full, "encoder/", "decoder/", slots=False), "m")
    assert contents.generator.powers is None
    assert contents.discriminator is None


def test_networks_without_slots_and_powers_without_use(full: Found) -> None:
    contents = account_for({name: w for name, w in full.items() if "/Adam" not in name}, "m")
    assert contents.generator.powers is None
    assert contents.discriminator is not None
    assert contents.discriminator.powers is None
    assert len(contents.unused) == 4


def test_slots_of_one_network_only(full: Found) -> None:
    found = only(full, "encoder/", "decoder/", "beta1_power_1", "beta2_power_1")
    found |= only(full, "discriminator/", slots=False)
    contents = account_for(found, "m")
    assert contents.generator.powers is not None
    assert contents.discriminator is not None
    assert contents.discriminator.powers is None


@pytest.mark.parametrize("kind", ["int64", "int32"])
def test_a_global_step_is_known(full: Found, kind: str) -> None:
    assert account_for(full | {"global_step": ((), kind)}, "m").has_global_step


def message(found: Found) -> str:
    with pytest.raises(ReleaseCheckpointError) as caught:
        account_for(found, "model_x")
    return str(caught.value)


def test_everything_wrong_is_listed_in_one_error(full: Found) -> None:
    del full["encoder/g_e3_bn/scale"]
    del full["discriminator/d_h5_pred/Conv/weights"]
    full["encoder/g_e1_c/Conv/biases"] = ((32,), "float32")
    full["vgg_16/fc8/weights"] = ((1, 1, 4096, 624), "float32")
    full["decoder/g_pred_c/Conv/weights"] = ((7, 7, 32, 4), "float32")
    full["discriminator/d_bn0/scale"] = ((128,), "float16")
    full["global_step"] = ((1,), "int64")
    text = message(full)
    assert text.startswith("model_x is not what the 2018 release saves")
    assert "missing (2): encoder/g_e3_bn/scale, discriminator/d_h5_pred/Conv/weights;" in text
    assert "unexpected (2): encoder/g_e1_c/Conv/biases, vgg_16/fc8/weights;" in text
    assert "wrong shape or type (3): " in text
    expected = "decoder/g_pred_c/Conv/weights (float32 [7, 7, 32, 4], not float32 [7, 7, 32, 3])"
    assert expected in text
    assert "discriminator/d_bn0/scale (float16 [128], not float32 [128])" in text
    assert "global_step (int64 [1], not int64 [])" in text


@pytest.mark.parametrize("slot", ["Adam", "Adam_1"])
@pytest.mark.parametrize("variable", ["encoder/g_e0_bn/scale", "discriminator/d_bn3/offset"])
def test_a_missing_slot_is_listed(full: Found, variable: str, slot: str) -> None:
    del full[f"{variable}/{slot}"]
    assert f"missing (1): {variable}/{slot}" in message(full)


def test_one_slot_alone_asks_for_all_others(full: Found) -> None:
    found = only(full, "encoder/", "decoder/", slots=False)
    found["encoder/g_e0_bn/scale/Adam"] = ((3,), "float32")
    assert f"missing ({2 * 84 - 1 + 2}): " in message(found)


@pytest.mark.parametrize("power", ["beta1_power", "beta2_power_1"])
def test_a_missing_power_is_listed(full: Found, power: str) -> None:
    del full[power]
    assert message(full).endswith(f"missing (1): {power}")


def test_slots_without_their_weights_ask_for_them(full: Found) -> None:
    found = {n: w for n, w in full.items() if not n.startswith("discriminator/") or "/Adam" in n}
    assert "missing (26): discriminator/d_h0_conv/Conv/weights" in message(found)


def test_a_discriminator_alone_is_no_model(full: Found) -> None:
    assert "missing (84): encoder/g_e0_bn/scale" in message(
        only(full, "discriminator/", slots=False)
    )


def test_a_checkpoint_of_something_else(full: Found) -> None:
    text = message({"vgg_16/conv1/conv1_1/weights": ((3, 3, 3, 64), "float32")})
    assert "missing (84)" in text
    assert "unexpected (1): vgg_16/conv1/conv1_1/weights" in text
