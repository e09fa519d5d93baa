"""``./run test [--all] [--without-controls] [PATH …]``: the tests, and what was left out for want of something."""

import os
import sys

import pytest


def main(words: list[str]) -> int:
    """Run what was asked for; the exit code."""
    everything = "--all" in words
    paths = [word for word in words if word != "--all"]
    arguments = ["-q", "-n", os.environ.get("TEST_PROCESSES", "2"), "--dist", "loadscope"]
    if not everything:
        arguments += ["-m", "not slow"]
    code = int(pytest.main([*arguments, *paths]))
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        sys.stderr.write("No test was run: is the path right?\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
