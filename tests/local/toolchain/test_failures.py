"""Real output of failed tools, and the sentences that explain it."""

from pathlib import Path

import pytest

from local.toolchain.failures import NoSpaceError, ToolchainError, explain

NO_NETWORK = [
    "WARNING: Retrying after connection broken by 'ProxyError('Cannot connect to proxy.')'",
    "WARNING: Retrying after connection broken by 'NewConnectionError('Failed to establish a new connection')'",
    'go: module lookup: Get "https://modules.example/x/@v/list": dial tcp 127.0.0.1:9: connect: connection refused',
    "go: example.com/x@v1.0.0: proxyconnect tcp: dial tcp: lookup proxy.example: no such host",
]
NO_SPACE = [
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    "link: writing output: write /tmp/go-build1/a.out: no space left on device",
    "OSError: [Errno 122] Disk quota exceeded",
]


def explained(output: str, folder: Path) -> ToolchainError:
    return explain(
        "Fetching it",
        output,
        log=Path("/logs/fetch.log"),
        needs="about 2 GiB",
        folders=[folder],
        offline_remedy="connect once",
    )


@pytest.mark.parametrize("output", NO_NETWORK)
def test_a_network_that_cannot_be_reached_is_recognised(output: str, tmp_path: Path) -> None:
    assert str(explained(output, tmp_path)) == (
        "Fetching it failed: the network cannot be reached; connect once (log: /logs/fetch.log)."
    )


@pytest.mark.parametrize("output", NO_SPACE)
def test_a_full_disk_is_recognised_and_reported_with_free_and_needed_space(
    output: str, tmp_path: Path
) -> None:
    error = explained(output, tmp_path / "not" / "made" / "yet")
    assert isinstance(error, NoSpaceError)
    assert f"no space left on the disk of {tmp_path / 'not' / 'made' / 'yet'} (" in str(error)
    assert (
        "MiB free, about 2 GiB needed); free some space, or set CCAPI_CACHE_DIR to a folder on another disk."
        in str(error)
    )


def test_any_other_failure_quotes_the_last_error_that_the_tool_named(tmp_path: Path) -> None:
    output = "Collecting tiny\nERROR: first\nERROR: No matching distribution found for tiny.\n\n[notice] a new pip\n"
    assert str(explained(output, tmp_path)) == (
        "Fetching it failed: No matching distribution found for tiny (log: /logs/fetch.log)."
    )


def test_a_tool_that_fails_in_silence_is_said_to(tmp_path: Path) -> None:
    assert str(explained("\n", tmp_path)) == "Fetching it failed: it printed nothing (log: /logs/fetch.log)."
