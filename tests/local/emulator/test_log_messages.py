import time

from tests.local.emulator.local_aws import RunningAws, unique

MIB = 1024**2


def test_messages_take_no_memory(aws: RunningAws) -> None:
    logs, group = aws.client("logs"), unique("group")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="stream")
    now = int(time.time() * 1000)

    def put(number: int) -> None:
        events = [{"timestamp": now, "message": f"{number} {line} ä {'.' * 100_000}"} for line in range(10)]
        logs.put_log_events(logGroupName=group, logStreamName="stream", logEvents=events)

    put(0)
    before = aws.resident_bytes
    for number in range(1, 40):
        put(number)

    assert aws.resident_bytes - before < 20 * MIB
    found = logs.filter_log_events(logGroupName=group, filterPattern='"31 7 ä"')["events"]
    assert [event["message"] for event in found] == [f"31 7 ä {'.' * 100_000}"]
