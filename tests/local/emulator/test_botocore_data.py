import pytest
from botocore.loaders import JSONFileLoader
from botocore.session import Session

from local.emulator import botocore_data


def test_sessions_share_the_data_that_botocore_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JSONFileLoader, "load_file", JSONFileLoader.load_file)
    botocore_data.share()

    first, second = (Session().get_component("data_loader").load_data("endpoints") for _ in range(2))

    assert first is second
