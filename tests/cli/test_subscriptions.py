import json

from hypothesis import given
from hypothesis import strategies as st

from cli.messages.subscriptions import configured
from components.machines.watch.machine import definition
from tests.stacks import names_of, settings_of


def addresses(topic: str, most: int, *, least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.integers(least, most).map(lambda count: [f"{topic}{n}@example.com" for n in range(count)])


@given(addresses("s", 3), addresses("f", 3, least=1), addresses("a", 3))
def test_the_addresses_are_those_that_the_watch_machine_counts(
    success: list[str], failure: list[str], alarms: list[str]
) -> None:
    emails = {"successEmails": success, "failureEmails": failure, "alarmEmails": alarms}
    watch = definition(settings_of("prod", notifications=emails), names_of("prod"))
    counts = configured(json.dumps(watch))
    assert counts == {"success": len(success), "failure": len(failure), "alarms": len(alarms)}
