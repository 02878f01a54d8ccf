import os

import pytest
import tensorflow as tf

from adaptive_style_tf.training import device
from adaptive_style_tf.training.device import Device, prepare_device, processor_name


@pytest.fixture
def calls(monkeypatch):
    """Records what is asked of TensorFlow: its runtime can be set up only once in a process."""
    asked = []
    monkeypatch.setattr(
        tf.config.experimental, "enable_op_determinism", lambda: asked.append("deterministic")
    )
    monkeypatch.setattr(
        tf.config.experimental,
        "set_memory_growth",
        lambda gpu, grows: asked.append((gpu.name, grows)),
    )
    return asked


def gpus(monkeypatch, count, details):
    found = [
        tf.config.PhysicalDevice(f"/physical_device:GPU:{number}", "GPU") for number in range(count)
    ]
    monkeypatch.setattr(
        tf.config, "list_physical_devices", lambda kind: found if kind == "GPU" else []
    )
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)


def test_without_a_gpu_it_is_the_processor(monkeypatch, calls):
    gpus(monkeypatch, 0, {})
    monkeypatch.setattr(device, "processor_name", lambda: "Abacus 3000")
    assert prepare_device(False, pytest.fail) == Device(
        "cpu", f"Abacus 3000, {os.cpu_count()} processors"
    )
    assert calls == []


def test_kernels_are_repeatable_only_if_asked_for(monkeypatch, calls):
    gpus(monkeypatch, 0, {})
    prepare_device(True, pytest.fail)
    assert calls == ["deterministic"]


def test_the_memory_of_every_gpu_grows_on_demand(monkeypatch, calls):
    gpus(monkeypatch, 2, {"device_name": "Brush X"})
    assert prepare_device(False, pytest.fail) == Device("gpu", "Brush X")
    assert calls == [("/physical_device:GPU:0", True), ("/physical_device:GPU:1", True)]


def test_a_process_that_has_used_its_gpus_trains_on_them_as_they_are(monkeypatch, calls):
    def too_late(gpu, grows):
        raise RuntimeError("Physical devices cannot be modified after being initialized")

    gpus(monkeypatch, 2, {"device_name": "Brush X"})
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", too_late)
    said = []
    assert prepare_device(True, said.append) == Device("gpu", "Brush X")
    assert calls == ["deterministic"]
    [sentence] = said
    assert "This process has used TensorFlow before" in sentence


def test_a_gpu_that_does_not_say_its_name(monkeypatch, calls):
    gpus(monkeypatch, 1, {})
    assert prepare_device(False, pytest.fail).name == "/physical_device:GPU:0"


def test_a_processor_has_a_name():
    assert processor_name().strip()
