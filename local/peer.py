"""The user at the other end of a connection over loopback, which the kernel knows on Linux.

Source: proc_pid_net(5), /proc/net/tcp (https://man7.org/linux/man-pages/man5/proc_pid_net.5.html).
"""

import os
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

# A client that takes either version of IP is in the second, though it has called an address of version 4.
_CONNECTIONS = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED = "01"


def knows_users() -> bool:
    """Return True where the kernel lists the users of connections."""
    return any(table.exists() for table in _CONNECTIONS)


def is_own(host: str, port: int) -> bool:
    """Return True if this process's user holds the other end of a connection; also where the kernel lists no users."""
    tables = [table.read_text(encoding="ascii") for table in _CONNECTIONS if table.exists()]
    return not tables or users_of(host, port, tables) == {os.getuid()}


def users_of(host: str, port: int, tables: Iterable[str]) -> set[int]:
    """Return the users that hold the other end of a connection, such as 127.0.0.1 and 50000, by the kernel's tables."""
    # The kernel writes an address as the number that its bytes are on this machine.
    address = f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}:{port:04X}"
    lines = [line.split() for table in tables for line in table.splitlines()[1:]]
    # Columns: number, local address, remote address, state, queues, timer, retransmissions, user.
    return {int(line[7]) for line in lines if line[1].endswith(address) and line[3] == _ESTABLISHED}
