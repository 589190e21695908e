"""What to do when a piece of the machine is missing."""

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """On a person's machine skip and say so; in CI nothing may be missing."""
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(f"{reason} (in CI nothing may be missing)")
    pytest.skip(reason)
