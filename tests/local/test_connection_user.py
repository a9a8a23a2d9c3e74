"""The user of a connection in the kernel's table of connections."""

import sys

import pytest

from local.connection_user import connection_users


@pytest.mark.skipif(sys.byteorder != "little", reason="the table is that of such a machine")
def test_another_address_with_the_same_port_is_another_connection() -> None:
    rows = (
        "0: 0100007F:C350 0100007F:11D6 01 0:0 00:0 0 1000 0 1",
        "1: 0200007F:C350 0100007F:11D6 01 0:0 00:0 0 65534 0 2",
        "2: 0100007F:C350 0100007F:11D7 06 0:0 00:0 0 0 0 3",
        "3: 0000000000000000FFFF00000100007F:C351 0000000000000000FFFF00000100007F:11D6 01 0:0 00:0 0 7 0 4",
    )
    table = "\n".join(["sl local_address rem_address st", *rows])
    assert connection_users("127.0.0.1", 50000, [table]) == {1000}
    assert connection_users("127.0.0.2", 50000, [table]) == {65534}
    assert connection_users("127.0.0.1", 50001, [table]) == {7}
    assert connection_users("127.0.0.1", 50002, [table]) == set()
