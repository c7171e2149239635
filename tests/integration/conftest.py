"""Runs Python in a process of its own, as a user would start it."""

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture
def fresh_python(tmp_path):
    """A function that runs source in a fresh process and gives what it printed last, read as JSON."""

    def run(source, *arguments, check=True, **environment):
        result = subprocess.run(
            [sys.executable, "-c", source, *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, **environment},
            check=False,
            timeout=300,
        )
        if not check:
            return result
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout.strip().splitlines()[-1])

    return run
