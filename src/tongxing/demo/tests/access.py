"""Clearing is offered only in a demonstration; elsewhere the page does not exist."""

from tongxing.accounts.roles import ROLES
from tongxing.core.tests.matrix import Row

ACCESS = {"demo:clear": Row(" ".join(ROLES), own=404, other=404)}
