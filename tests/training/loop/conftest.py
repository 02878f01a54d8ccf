"""Steps that only say what they did, and a loop around them."""

import itertools
from types import SimpleNamespace

import pytest


def numbered_batches():
    """Without end."""
    for number in itertools.count():
        yield f"painting {number}", f"photograph {number}"


class Rate:
    def __init__(self):
        self.values = []

    def assign(self, value):
        self.values.append(value)


class RecordedSteps:
    """Steps of chosen accuracy (and loss) that note what they were given."""

    def __init__(self, accuracy=0.5, **terms):
        self.accuracy = accuracy
        self.terms = terms
        self.calls = []
        self.numbers = []

    def generator_step(self, photographs, numbers):
        self.numbers.append(numbers)
        return self._step("generator", photographs)

    def discriminator_step(self, paintings, photographs, numbers):
        self.numbers.append(numbers)
        return self._step("discriminator", paintings, photographs)

    def warm_start_step(self, pictures):
        return self._step("warm_start", pictures)

    def _step(self, network, *batches):
        self.calls.append((network, *batches))
        terms = {f"{network}/total": 2.5, f"{network}/accuracy": self.accuracy}
        return {**terms, **self.terms}


class RecordedOutputs:
    """Notes what is written at which step."""

    def __init__(self, state):
        self.state = state
        self.written = []
        self.curves = {}
        self.flushed = []  # steps of points that are durable

    def log(self, step, terms):
        self.curves[step] = terms

    def sample(self):
        self.written.append(("sample", self.state.step))

    def save(self):
        self.written.append(("save", self.state.step))

    def flush(self):
        self.flushed = sorted(self.curves)


@pytest.fixture
def recorded_steps():
    """The class, to be made with accuracy and terms."""
    return RecordedSteps


@pytest.fixture
def recorded_outputs():
    """The class, to be made with a state."""
    return RecordedOutputs


@pytest.fixture
def begun():
    """Makes the state of a training at a step and a success average."""

    def make(success=0.8, step=0):
        return SimpleNamespace(
            step=step,
            success=success,
            generator_optimizer=SimpleNamespace(learning_rate=Rate()),
            discriminator_optimizer=SimpleNamespace(learning_rate=Rate()),
        )

    return make


@pytest.fixture
def quiet_clock():
    return SimpleNamespace(
        start=lambda: None,
        data_arrived=lambda: None,
        step_done=lambda trained: None,
        due_sentences=lambda step: [],
        taken_waiting_share=lambda: 0.25,
    )


@pytest.fixture
def run(quiet_clock):
    """Runs the loop with these settings; gives what was written and what was shown."""
    from adaptive_style_tf.training.interruption import StopRequest
    from adaptive_style_tf.training.loop import run_loop
    from adaptive_style_tf.training.settings import settings_from

    def run(trained, steps, settings, stop=None, clock=quiet_clock, outputs=None):
        outputs = outputs or RecordedOutputs(trained)
        console = SimpleNamespace(lines=[], messages=[])
        console.update = lambda *told: console.lines.append(told)
        console.message = console.messages.append
        run_loop(
            trained,
            steps,
            settings_from(settings),
            batches=numbered_batches(),
            outputs=outputs,
            console=console,
            stop=stop or StopRequest(),
            clock=clock,
        )
        return outputs, console

    return run
