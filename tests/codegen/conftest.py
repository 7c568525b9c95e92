"""The designs that the tests of the generated source share."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def designs() -> SimpleNamespace:
    """The content of ``designs.py``: ``layer``, ``chain``, ``graph``, ``clean``, ``EXPECTED``, ``RUN``."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("designs.py"))))
