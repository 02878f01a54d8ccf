import json
import subprocess
import sys

import pytest


@pytest.mark.needs("C library")
def test_eight_callers_get_what_one_gets_and_memory_does_not_grow(exported, runtimes, quiet):
    command = [sys.executable, str(runtimes / "callers.py"), str(exported)]
    process = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    report = json.loads(process.stdout)
    assert (report["answers"], report["different"]) == (200, 0)
    assert report["late"] < 1.1 * report["early"]
