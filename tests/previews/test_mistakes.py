"""The output of `pulumi preview` for a stack file with mistakes."""

from collections.abc import Callable
from typing import Any

from tests.previews.workspace import Workspace

# Nine mistakes: unknown keys, types, bounds, formats, choices, pairs, and contradictions between keys.
MISTAKES: dict[str, Any] = {
    "wroker": {"shards": 2},
    "account": "12345",
    "monitoring": {"catalog": "example", "regionsCount": "many"},
    "schedule": {"timeZone": "Mars/Olympus", "expression": "cron(0 25 32 * ? *)"},
    "notifications": {"failureEmails": []},
    "worker": {"workload": "sample", "cpuUnits": 1024, "memoryMib": 100},
    "run": {"timeoutSeconds": 600},
    "network": {"egress": "tunnel"},
}


def test_a_stack_file_with_nine_mistakes_is_answered_by_one_message_of_nine_lines(
    offline: Callable[[str], Workspace],
) -> None:
    (message,) = offline("dev").refusal(**MISTAKES)
    assert "Traceback" not in message
    head, *lines = message.strip().splitlines()
    assert "9 settings cannot be used:" in head
    assert sorted(line.strip().partition(": ")[0] for line in lines) == [
        "ccapi:account",
        "ccapi:monitoring.regionsCount",
        "ccapi:network.egress",
        "ccapi:notifications.failureEmails",
        "ccapi:run.timeoutSeconds",
        "ccapi:schedule.expression",
        "ccapi:schedule.timeZone",
        "ccapi:worker",
        "ccapi:wroker",
    ]
    assert [line for line in lines if "write " not in line] == []
