"""Clearing is offered only in a demonstration; elsewhere the page does not exist."""

from tongxing.core.tests.matrix import Row

ACCESS = {"demo:clear": Row("officer admin", own=404, other=404)}
