from botocore.session import Session

from local.emulator import botocore_data


def endpoints() -> object:
    return Session().get_component("data_loader").load_data("endpoints")


def test_sessions_share_the_data_that_they_read_in_the_block_alone() -> None:
    with botocore_data.shared():
        first, second = endpoints(), endpoints()

    assert first is second
    assert endpoints() is not first
