"""TensorFlow's messages without TensorFlow: an empty module in its place, with its folder.

Import this before anything of `tensorflow.core` or `tensorflow_serving`. Keras and this package
cannot be imported from then on either.
"""

import importlib.util
import sys
import types
from pathlib import Path

_found = importlib.util.find_spec("tensorflow")
if _found is None or not _found.submodule_search_locations:
    raise ImportError("the installed TensorFlow was not found")
WHEEL = Path(next(iter(_found.submodule_search_locations)))

_empty = types.ModuleType("tensorflow")
_empty.__path__ = [str(WHEEL)]
if sys.modules.setdefault("tensorflow", _empty) is not _empty:
    raise ImportError("TensorFlow itself is already imported")
sys.modules["keras"] = sys.modules["adaptive_style_tf"] = None  # importing raises ImportError
