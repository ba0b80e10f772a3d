"""The targets of the notice, loaded once. A shipped target that the bureau changed is left as it is."""

import tomllib
from pathlib import Path

from django.db import transaction

from tongxing.audit.log import Actor, record

from .models import Target

SHIPPED = Path(__file__).parent / "targets.toml"
SOURCE = "济管人社办〔2022〕121号"


@transaction.atomic
def load(by: Actor) -> int:
    """Add the shipped targets that are missing; returns how many were added."""
    known = set(Target.objects.values_list("key", flat=True))
    entries = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["target"]
    missing = [Target(**entry, source=SOURCE, shipped=True) for entry in entries if entry["key"] not in known]
    if missing:
        Target.objects.bulk_create(missing)
        record(
            "targets.load_base",
            by=by,
            object_type="targets.target",
            object_id="base",
            label="建设目标",
            after={"targets": [target.key for target in missing]},
        )
    return len(missing)
