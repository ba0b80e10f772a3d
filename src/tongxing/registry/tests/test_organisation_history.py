"""The history of an organisation that rosters made and changed."""

from pathlib import Path
from types import SimpleNamespace

from django.test import Client
from django.urls import reverse

from tongxing.audit.log import COMMAND_LINE
from tongxing.registry.models import Organisation
from tongxing.registry.organisation_history import whole_history_of
from tongxing.sheets import command

from .rosters import ENTERPRISES, enterprise, write


def test_roster_lines_stand_in_the_history(jiyuan: SimpleNamespace, cast: SimpleNamespace, tmp_path: Path) -> None:
    for staff in ("15", "18"):
        line = enterprise(1)
        line[ENTERPRISES.index("从业人员数")] = staff
        assert command.load("enterprises", write(tmp_path, [ENTERPRISES, line]), by=COMMAND_LINE)["status"] == "applied"
    organisation = Organisation.objects.get()
    changed, made = whole_history_of(organisation)
    assert (changed.act, changed.actor) == ("导入名册", "命令行")
    assert [(c.label, c.before, c.after) for c in changed.changes] == [("从业人员数", "15", "18")]
    assert (made.act, made.changes) == ("由名册导入登记", [])
    client = Client()
    client.force_login(cast.officer)
    page = client.get(reverse("registry:organisation-history", args=[organisation.uid])).content.decode()
    assert "从业人员数：15 → 18" in page
