"""House rules as tests (house-style §13). What a rule finds is listed by name, so that the failure says what to mend."""

import re
from importlib import import_module
from pathlib import Path

import click
import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey
from django.template.loader import get_template
from django.utils.module_loading import import_string
from house import PACKAGE, PROJECT, ROOMS, functions, sources

from tongxing.audit import names
from tongxing.audit.names import act_names
from tongxing.cli.entry import tongxing as command_line
from tongxing.cli.prepare import BASE_DATA

LONGEST_FILE, LONGEST_FUNCTION, LONGEST_TEMPLATE = 400, 40, 150
JUNK_DRAWERS = {"utils", "util", "helpers", "helper", "services", "service", "common", "misc", "managers"}
# What is longer than the house allows, with its length: it may shrink, never grow, and leaves the table when it fits.
LONG_FILES: dict[str, int] = {}
LONG_FUNCTIONS: dict[str, int] = {}
LONG_TEMPLATES: dict[str, int] = {}


def doc(name: str) -> str:
    return (PROJECT / "docs" / name).read_text(encoding="utf-8")


def test_relations_between_rooms_have_no_name_back() -> None:
    named = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_config.name.startswith("tongxing.")
        for field in model._meta.local_fields
        if isinstance(field, ForeignKey)
        and field.related_model._meta.app_label != model._meta.app_label
        and field.remote_field.related_name != "+"
    ]
    assert named == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_readme_and_its_place_in_the_architecture(room: str) -> None:
    assert (PACKAGE / room / "README.md").is_file()
    assert f"**{room}**" in doc("architecture.md")


def test_every_setting_is_in_the_docs() -> None:
    files = [*(PACKAGE / "config").glob("*.py"), *(PACKAGE / "cli").glob("*.py")]
    read = {name for path in files for name in re.findall(r'"(TONGXING_[A-Z_]+)"', path.read_text(encoding="utf-8"))}
    assert {name for name in read - {"TONGXING_SUPERVISOR_PID"} if f"`{name}`" not in doc("operate.md")} == set()


def test_every_command_is_in_the_docs() -> None:
    def names(group: click.Group, prefix: str) -> list[str]:
        found = []
        for name, command in group.commands.items():
            if not command.hidden:
                found += names(command, f"{prefix} {name}") if isinstance(command, click.Group) else [f"{prefix} {name}"]
        return found

    assert [name for name in names(command_line, "tongxing") if name not in doc("operate.md")] == []


def test_every_dependency_says_why_it_is_there() -> None:
    declared = re.findall(r'^  "([a-z][a-z0-9-]+)(?:\[[a-z,-]+\])?[<>=]', (PROJECT / "pyproject.toml").read_text(), flags=re.MULTILINE)
    why = doc("decisions/0002-dependencies.md")
    assert [name for name in declared if f"| {name} |" not in why] == []


def test_no_file_is_a_junk_drawer() -> None:
    assert [str(path) for path in sources() if path.stem in JUNK_DRAWERS] == []


def test_files_stay_short() -> None:
    long = {str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == LONG_FILES


def test_functions_stay_short() -> None:
    long = {
        found.name: found.lines
        for path in sources()
        if "tests" not in path.parts
        for found in functions(path)
        if found.lines > LONGEST_FUNCTION
    }
    assert long == LONG_FUNCTIONS


def test_templates_stay_short() -> None:
    long = {
        str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("templates/**/*.html")
    }
    assert {name: lines for name, lines in long.items() if lines > LONGEST_TEMPLATE} == LONG_TEMPLATES


def test_templates_hold_no_inline_script_or_style() -> None:
    """The content security policy would refuse them; here it is seen before a browser sees it."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:json|ld))[^>]*>|<style\b|\son[a-z]+\s*=\s*[\"']", re.IGNORECASE)
    found = [
        f"{path.relative_to(PACKAGE)}: {match.group()}"
        for path in PACKAGE.rglob("templates/**/*.html")
        for match in inline.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("templates/**/*.html")), ids=lambda path: "/".join(path.parts[-2:]))
def test_every_template_compiles(path: Path) -> None:
    get_template(str(path.relative_to(next(parent for parent in path.parents if parent.name == "templates"))))


@pytest.mark.parametrize(
    "path", [path for _, path in BASE_DATA] + [*settings.PERIODIC, *settings.AT_WORKER_START, *settings.AT_WORKER_BEAT]
)
def test_base_data_and_periodic_jobs_exist(path: str) -> None:
    assert callable(import_string(path))


def test_no_signals_between_rooms() -> None:
    used = [
        str(path.relative_to(PACKAGE))
        for path in sources()
        if re.search(r"@receiver\(|\.connect\(.*sender", path.read_text(encoding="utf-8"))
    ]
    assert used == []


def test_nothing_names_a_machine_or_a_cdn() -> None:
    forbidden = re.compile(r"(?:https?:)?//(?:cdn\.|unpkg\.|cdnjs\.|fonts\.googleapis)")
    files = [*PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.css"), *PACKAGE.rglob("*.js"), *sources()]
    assert [str(path.relative_to(PACKAGE)) for path in files if forbidden.search(path.read_text(encoding="utf-8"))] == []


def test_every_room_with_addresses_has_an_access_table() -> None:
    bare = [
        room
        for room in ROOMS
        if import_module(f"tongxing.{room}.urls" if (PACKAGE / room / "urls.py").exists() else "tongxing").__dict__.get("urlpatterns")
        and not (PACKAGE / room / "tests" / "access.py").exists()
    ]
    assert bare == []


def test_every_act_of_the_log_has_a_chinese_name() -> None:
    files = [path for path in sources() if "tests" not in path.parts]
    written = {act for path in files for act in re.findall(r'\brecord\(\s*"([a-z_]+\.[a-z_]+)"', path.read_text(encoding="utf-8"))}
    assert sorted(written - act_names().keys()) == []


def test_every_room_that_people_read_of_has_a_chinese_name() -> None:
    """The audit log and the page of provisions group by room."""
    told = {room for room in ROOMS if any((PACKAGE / room / file).exists() for file in ("acts.toml", "provisions.toml"))}
    assert told - names.ROOMS.keys() == set()
