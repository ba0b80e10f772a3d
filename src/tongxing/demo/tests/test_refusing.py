"""Where the demonstration is not built: over a register that is in use, in production, and without being asked for."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.demo import build
from tongxing.demo.models import DemoMark
from tongxing.gazetteer import base_data as divisions
from tongxing.registry.models import Organisation
from tongxing.targets import base_data as targets


@pytest.fixture
def ready(db: None, settings: Any) -> None:
    settings.DEMO = True
    divisions.load(COMMAND_LINE)
    targets.load(COMMAND_LINE)


def test_it_goes_only_into_an_empty_register(ready: None) -> None:
    Organisation.objects.create(name="已有单位", name_key="已有单位", kind="enterprise", area_id=419001100000)
    with pytest.raises(Refused):
        build.build(by=COMMAND_LINE)
    assert not DemoMark.objects.exists()


def test_production_refuses_it(ready: None, settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(Refused):
        build.build(by=COMMAND_LINE)
    assert not Organisation.objects.exists()


def test_outside_a_demonstration_there_is_no_button(client: Client, cast: SimpleNamespace) -> None:
    client.force_login(cast.officer)
    assert client.get(reverse("demo:clear")).status_code == 404
