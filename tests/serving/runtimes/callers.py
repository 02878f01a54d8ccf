"""Asks a model from several threads at once: callers.py MODEL, in a process of its own.

Prints as JSON how many answers differ from those that one thread got, and the resident memory in
bytes after 50 requests and after all.
"""

import io
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import c_api
import numpy as np
import psutil
from PIL import Image

CALLERS = 8
REQUESTS = 200
EARLY = 50  # requests, by when every size was seen
LONGEST_SIDE = 320  # px
SIZES = 12  # different ones


def main(folder: str) -> None:
    random = np.random.default_rng(0)
    model = c_api.Model(folder)
    sides = [(LONGEST_SIDE,) * 2, (1, 1), *random.integers(1, LONGEST_SIDE, (SIZES - 2, 2))]
    questions = [question(random, *size) for size in sides]
    expected = [answer(model, *asked) for asked in questions]
    order = np.concatenate([random.permutation(SIZES) for _ in range(REQUESTS // SIZES + 1)])
    process, done, memory, lock = psutil.Process(), 0, {}, Lock()

    def same(number: int) -> bool:
        nonlocal done
        equal = np.array_equal(answer(model, *questions[number]), expected[number])
        with lock:
            done += 1
            memory[done] = process.memory_info().rss
        return equal

    with ThreadPoolExecutor(CALLERS) as callers:
        equal = list(callers.map(same, order[:REQUESTS]))
    report = {
        "answers": len(equal),
        "different": equal.count(False),
        "early": memory[EARLY],
        "late": memory[REQUESTS],
    }
    print(json.dumps(report))


def question(random: np.random.Generator, height: int, width: int) -> tuple[str, str, object]:
    """A signature, the name of its input, and a picture of this size for it."""
    picture = random.integers(0, 256, (height, width, 3), np.uint8)
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG")
    kinds = {
        "serving_default": ("image", picture[np.newaxis]),
        "stylize_float": ("image", picture[np.newaxis].astype(np.float32) / 255),
        "stylize_encoded": ("image_bytes", [content.getvalue()]),
        "stylize_encoded_png": ("image_bytes", [content.getvalue()]),
    }
    signature = list(kinds)[random.integers(len(kinds))]
    return signature, *kinds[signature]


def answer(model: c_api.Model, signature: str, key: str, value: object) -> object:
    (output,) = model.run(signature, {key: value}).values()
    return output


if __name__ == "__main__":
    main(sys.argv[1])
