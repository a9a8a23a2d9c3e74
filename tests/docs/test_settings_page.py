import re

import pytest

from components.settings import KEYS
from components.settings.base import SettingsModel
from docs.settings_page import page
from docs.stack_file_schema import PROJECT

PAGE = page()
CONCERNS = {
    key: form for key, form in KEYS.items() if isinstance(form, type) and issubclass(form, SettingsModel)
}


def section(heading: str) -> str:
    _, _, rest = PAGE.partition(f"\n## {heading}\n")
    return rest.partition("\n## ")[0]


def rows(heading: str) -> dict[str, str]:
    return {row.split("`")[1]: row for row in section(heading).splitlines() if "`" in row.partition("|")[2]}


@pytest.mark.parametrize("key", CONCERNS)
def test_every_setting_of_a_concern_has_its_row(key: str) -> None:
    names = {field.alias for field in CONCERNS[key].model_fields.values()}
    assert names == {name for name in rows(key) if "." not in name}


def test_keys_without_a_section_have_a_row() -> None:
    others = {f"{PROJECT}:{key}" for key in KEYS if key not in CONCERNS}
    assert set(rows("Keys without a section")) == {"aws:region", *others}


@pytest.mark.parametrize(
    ("concern", "name", "row"),
    [
        ("run", "startRetries", "| `startRetries` | whole number from 0 to 10 | `2` |"),
        ("schedule", "paused", "| `paused` | `true`, `false` | `false` |"),
        ("schedule", "anchorWeek", "| `anchorWeek` | date |  |"),
        ("worker", "workload", "| **`workload`** | `command`, `each`, `sample` |  |"),
        ("worker", "cpuUnits", "| `cpuUnits` | whole number |  |"),
        ("notifications", "failureEmails", "| **`failureEmails`** | list, at least 1, at most 20 |  |"),
        ("network", "adopt", "| `adopt` | group |  |"),
        ("network", "adopt.vpcId", "| **`adopt.vpcId`** | text |  |"),
        ("budget", "monthlyUsd", "| `monthlyUsd` | amount above 0 to 100000 | `20` |"),
        ("notifications", "contact", "| `contact` | text, at most 200 characters |  |"),
        ("notifications", "slack", "| `slack` | group |  |"),
        (
            "notifications",
            "pagerDuty.severity",
            "| `pagerDuty.severity` | `critical`, `error`, `warning`, `info` |",
        ),
        ("notifications", "reservedConcurrency", "| `reservedConcurrency` | whole number from 1 to 100 |  |"),
        ("Keys without a section", "ccapi:slackWebhookUrl", "| `ccapi:slackWebhookUrl` | secret |  |"),
        (
            "Keys without a section",
            "ccapi:pagerDutyRoutingKey",
            "| `ccapi:pagerDutyRoutingKey` | secret |  |",
        ),
        ("Keys without a section", "ccapi:webhookUrl", "| `ccapi:webhookUrl` | secret |  |"),
        ("Keys without a section", "ccapi:webhookSigningKey", "| `ccapi:webhookSigningKey` | secret |  |"),
        ("Keys without a section", "ccapi:account", "| **`ccapi:account`** | text |  |"),
    ],
)
def test_a_row_says_kind_bounds_and_default(concern: str, name: str, row: str) -> None:
    assert rows(concern)[name].startswith(row)


def test_the_sizes_are_those_of_fargate() -> None:
    sizes = section("Sizes of a worker")
    assert "| 1024 | 2048 to 8192 in steps of 1024 | `small`: 2048 |" in sizes
    assert "| 256 | 512, 1024, 2048 |  |" in sizes


def test_a_stack_file_with_mistakes_is_shown_with_its_errors() -> None:
    shown = section("A stack file that cannot be used")
    count = re.search(r"^    (\d+) settings cannot be used:$", shown, flags=re.MULTILINE)
    assert count is not None
    assert len(re.findall(r"^      ccapi:", shown, flags=re.MULTILINE)) == int(count[1])
