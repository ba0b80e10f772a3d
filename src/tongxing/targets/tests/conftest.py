import pytest

from tongxing.audit.log import COMMAND_LINE
from tongxing.targets.base_data import load


@pytest.fixture
def shipped(db: None) -> None:
    """The notice's targets."""
    load(COMMAND_LINE)
