"""The user at the other end of a loopback connection, as the Linux kernel lists it.

Source: proc_pid_net(5), /proc/net/tcp (https://man7.org/linux/man-pages/man5/proc_pid_net.5.html).
"""

import os
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

# A client with a dual-stack socket is listed in tcp6, even when it called an IPv4 address.
_CONNECTIONS = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED = "01"


def lists_users() -> bool:
    """Return True on a system that lists the users of connections (Linux)."""
    return any(table.exists() for table in _CONNECTIONS)


def is_same_user(host: str, port: int) -> bool:
    """Return True if this process's user holds the other end, or if the system does not list users."""
    tables = [table.read_text(encoding="ascii") for table in _CONNECTIONS if table.exists()]
    return not tables or connection_users(host, port, tables) == {os.getuid()}


def connection_users(host: str, port: int, tables: Iterable[str]) -> set[int]:
    """Return the users who hold a connection's end at an address such as 127.0.0.1:50000, by the kernel's tables."""
    # The kernel writes an address as one number in this machine's byte order.
    address = f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}:{port:04X}"
    lines = [line.split() for table in tables for line in table.splitlines()[1:]]
    # Columns: number, local address, remote address, state, queues, timer, retransmissions, user.
    return {int(line[7]) for line in lines if line[1].endswith(address) and line[3] == _ESTABLISHED}
