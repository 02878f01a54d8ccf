"""Answers requests in a process of its own: answers.py RUNTIME WHERE REQUESTS ANSWERS.

The runtime is a module beside this one, whose `connect(WHERE)` gives what runs a signature. It can
import neither this package nor Keras, and TensorFlow only if it is the one that needs it. Requests
are a pickled mapping of any key to (signature, inputs); answers map the keys to the outputs, or to
the words of what was raised.
"""

import importlib
import pickle
import sys
from pathlib import Path

NEEDS_TENSORFLOW = "python_loader"


def main(runtime: str, where: str, requests: str, answers: str) -> None:
    for name in ("keras", "adaptive_style_tf"):
        sys.modules[name] = None  # importing it raises ImportError
    run = importlib.import_module(runtime).connect(where)
    answered = {}
    for key, (signature, inputs) in pickle.loads(Path(requests).read_bytes()).items():
        try:
            answered[key] = run(signature, inputs)
        except Exception as error:
            answered[key] = f"{type(error).__name__}: {error}"
    if runtime != NEEDS_TENSORFLOW and "tensorflow.python" in sys.modules:
        raise RuntimeError("TensorFlow itself was imported")
    Path(answers).write_bytes(pickle.dumps(answered))


if __name__ == "__main__":
    main(*sys.argv[1:])
