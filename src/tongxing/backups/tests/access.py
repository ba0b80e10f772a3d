"""Who may open which address of this room."""

from tongxing.core.tests.matrix import Row

ACCESS = {
    "backups:backups": Row("auditor admin"),
    "backups:make": Row("admin", method="post", own=302, other=403),
}
