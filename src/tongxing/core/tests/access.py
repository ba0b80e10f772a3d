"""Who may open what: the worker that keeps pages on a device is the same for everybody."""

from .matrix import PUBLIC, Row

ACCESS = {"core:offline-worker": Row(PUBLIC)}
