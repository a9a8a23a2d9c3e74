import os
from types import SimpleNamespace

import pytest
from moto import backends
from moto.core import errors
from moto.core.utils import get_service_model

from local.emulator.moto_patches import lookups


@pytest.fixture(autouse=True)
def patched(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((backends, "list_of_moto_modules"), (errors, "ErrorLookupFactory")):
        monkeypatch.setattr(module, name, getattr(module, name))
    lookups.apply()


def test_the_services_are_listed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = backends.list_of_moto_modules()
    monkeypatch.setattr(backends, "os", SimpleNamespace(path=os.path, listdir=None))

    assert {"s3", "ecs", "stepfunctions"} <= set(first) == set(backends.list_of_moto_modules())


def test_the_errors_of_a_service_are_found_again() -> None:
    model = get_service_model("ecs")
    found = errors.ErrorLookupFactory().for_service(model)

    assert errors.ErrorLookupFactory().for_service(model) is found
    assert found.from_code("ClusterNotFoundException") is not None
