"""The access matrix of the organisations' side."""

from tongxing.core.tests.matrix import Row

ACCESS: dict[str, Row] = {}
