from pathlib import Path

import pytest

from bench.world import divisions
from bench.world.enterprises import Country

SEED = 11


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Invented tables, so that the tests say the same with and without the national ones."""
    folder = tmp_path_factory.mktemp("divisions")
    divisions.invent(folder)
    return folder


@pytest.fixture(scope="session")
def small_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All provinces, but few townships, for tests that write the tree into a database."""
    folder = tmp_path_factory.mktemp("small-divisions")
    divisions.invent(folder, *divisions.SMALL)
    return folder


@pytest.fixture
def country(tables: Path) -> Country:
    return Country(tables, SEED)
