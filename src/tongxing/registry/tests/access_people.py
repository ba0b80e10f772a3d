"""The access matrix of the people's side."""

from tongxing.core.tests.matrix import Row

ACCESS: dict[str, Row] = {}
