import os
from types import SimpleNamespace

import pytest
from moto import backends
from moto.core import errors, utils
from moto.core.base_backend import AccountSpecificBackend

from local.emulator.moto_patches import lookups

PATCHED = [
    (backends, "list_of_moto_modules"),
    (errors, "ErrorLookupFactory"),
    (utils, "create_loader"),
    (AccountSpecificBackend, "get_session"),
]


@pytest.fixture(autouse=True)
def patched(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in PATCHED:
        monkeypatch.setattr(owner, name, getattr(owner, name))
    lookups.apply()


def test_the_services_are_listed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = backends.list_of_moto_modules()
    monkeypatch.setattr(backends, "os", SimpleNamespace(path=os.path, listdir=None))

    assert {"s3", "ecs", "stepfunctions"} <= set(first) == set(backends.list_of_moto_modules())


def test_the_errors_of_a_service_are_found_again() -> None:
    model = utils.get_service_model("ecs")
    found = errors.ErrorLookupFactory().for_service(model)

    assert errors.ErrorLookupFactory().for_service(model) is found
    assert found.from_code("ClusterNotFoundException") is not None


def test_the_regions_of_a_service_are_read_from_the_description_that_is_served() -> None:
    session = AccountSpecificBackend.get_session()

    assert session is AccountSpecificBackend.get_session()
    assert session._session.get_component("data_loader") is vars(utils)["create_loader"]()
    assert {"us-east-1", "eu-central-1"} <= set(session.get_available_regions("ecs"))
