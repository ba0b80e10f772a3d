"""Who may open which address of allauth; the rooms' own addresses stand in `<room>/tests/access.py`."""

from tongxing.core.tests.matrix import Row

ACCESS: dict[str, Row] = {}
