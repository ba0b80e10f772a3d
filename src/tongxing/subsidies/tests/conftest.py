from types import SimpleNamespace

import pytest

from .scene import Scene


@pytest.fixture
def scene(jiyuan: SimpleNamespace) -> Scene:
    return Scene(jiyuan)
