"""Who may open what: everybody."""

from tongxing.core.tests.matrix import PUBLIC, Row

ACCESS = {
    "portal:home": Row(PUBLIC),
    "portal:verify": Row(PUBLIC),
    "portal:look-up": Row(PUBLIC, method="post", data={}),
    "portal:verified": Row(PUBLIC, kwargs=lambda world: {"token": "made-elsewhere"}, own=404, other=404),
    "portal:programme": Row(PUBLIC),
}
