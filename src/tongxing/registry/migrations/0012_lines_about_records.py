"""Write on each line that changed a record which record it was, as the sheets do from now on."""

from django.db import migrations

CHUNK = 2_000
HELD = {"posting": "Posting", "duty": "DutyArea"}


def fill(apps, schema_editor):
    Line = apps.get_model("sheets", "Line")
    rows = Line.objects.filter(fate="changed", applied=True, about=None, batch__sheet__in=["enterprises", "organisations", "coordinators"])
    last = 0
    while lines := list(rows.filter(id__gt=last).order_by("id").only("id", "refs")[:CHUNK]):
        last = lines[-1].id
        people = _people(apps, [line.refs for line in lines])
        for line in lines:
            line.about = line.refs.get("organisation") or next((people[key] for key in _keys(line.refs) if key in people), None)
        Line.objects.bulk_update(lines, ["about"])


def _keys(refs):
    """(table, id) of everything by which the person of a coordinators' line can be found."""
    versions, made = refs.get("versions", {}), refs.get("made", {})
    found = [(table, versions[table][0]) for table in ("person", "coordinator") if table in versions]
    return found + [(table, made[table]) for table in ("person", "coordinator", *HELD) if table in made]


def _people(apps, all_refs):
    wanted = {}
    for refs in all_refs:
        for table, number in _keys(refs):
            wanted.setdefault(table, set()).add(number)
    people = {("person", number): number for number in wanted.get("person", ())}
    coordinators = apps.get_model("registry", "Coordinator").objects.filter(id__in=wanted.get("coordinator", ()))
    people |= {("coordinator", number): person for number, person in coordinators.values_list("id", "person_id")}
    for table, model in HELD.items():
        rows = apps.get_model("registry", model).objects.filter(id__in=wanted.get(table, ()))
        people |= {(table, number): person for number, person in rows.values_list("id", "coordinator__person_id")}
    return people


class Migration(migrations.Migration):
    dependencies = [("registry", "0011_merged_index"), ("sheets", "0003_lines_about_records")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
