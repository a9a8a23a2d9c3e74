"""A stack file with mistakes, as the person who runs `pulumi preview` sees it."""

from collections.abc import Callable
from typing import Any

from tests.previews.workspace import Workspace

# Eight mistakes: in a key, of a type, of a bound, of a form, of a choice, of a pair, and between two keys.
MISTAKES: dict[str, Any] = {
    "wroker": {"shards": 2},
    "account": "12345",
    "monitoring": {"regionsCount": "many"},
    "schedule": {"timeZone": "Mars/Olympus"},
    "notifications": {"failureEmails": []},
    "worker": {"workload": "sample", "cpuUnits": 1024, "memoryMib": 100},
    "run": {"timeoutSeconds": 600},
    "network": {"egress": "tunnel"},
}


def test_a_stack_file_with_eight_mistakes_is_answered_by_one_message_of_eight_lines(
    offline: Callable[[str], Workspace],
) -> None:
    (message,) = offline("dev").refusal(**MISTAKES)
    assert "Traceback" not in message
    head, *lines = message.strip().splitlines()
    assert "8 settings cannot be used:" in head
    assert sorted(line.strip().partition(": ")[0] for line in lines) == [
        "ccapi:account",
        "ccapi:monitoring.regionsCount",
        "ccapi:network.egress",
        "ccapi:notifications.failureEmails",
        "ccapi:run.timeoutSeconds",
        "ccapi:schedule.timeZone",
        "ccapi:worker",
        "ccapi:wroker",
    ]
    assert [line for line in lines if "write " not in line] == []
