import pytest

from components.alarms import Alarm, alarms
from tests.stacks import names_of

TIMEOUT_SECONDS = 10_000
ALARMS = {alarm.what: alarm for alarm in alarms(names_of("prod"), timeout_seconds=TIMEOUT_SECONDS)}


def test_there_is_an_alarm_for_each_way_a_run_or_a_message_is_lost() -> None:
    assert {alarm.metric for alarm in ALARMS.values()} == {
        "ApproximateNumberOfMessagesVisible",
        "ExecutionThrottled",
        "ExecutionTime",
        "ExecutionsAborted",
        "ExecutionsFailed",
        "ExecutionsTimedOut",
        "InvocationDroppedCount",
    }


def test_both_dead_letter_queues_are_watched() -> None:
    queues = {alarm.dimensions["QueueName"] for alarm in ALARMS.values() if alarm.namespace == "AWS/SQS"}
    assert queues == {names_of("prod").schedule_queue, names_of("prod").message_queue}


def test_an_alarm_on_time_rings_before_the_run_is_ended() -> None:
    alarm = ALARMS["executions-nearly-out-of-time"]
    # "Monitoring Step Functions metrics": ExecutionTime is in milliseconds, and only of executions that ended.
    assert (alarm.threshold, alarm.statistic) == (8_000_000, "Maximum")
    assert alarm.threshold < TIMEOUT_SECONDS * 1000
    assert "80% of the 10000 s" in alarm.text


@pytest.mark.parametrize("what", sorted(ALARMS.keys() - {"executions-nearly-out-of-time"}))
def test_a_count_rings_at_the_first_one(what: str) -> None:
    assert ALARMS[what].threshold == 0


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=ALARMS)
def test_an_alarm_says_in_a_sentence_what_happened(alarm: Alarm) -> None:
    assert alarm.text[0].isupper()
    assert alarm.text.endswith(".")
