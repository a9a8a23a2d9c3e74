"""The reading of a run from the local AWS: what its promises are checked from."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cli.runs.history import read_history
from tests.faults.reading import Command, Execution, Message, Put, Run
from tests.soak.stage import Stage
from worker.errors import WorkerError
from worker.plan import plan_from, plan_key
from worker.results import reports_prefix

_READ = (".json", ".html")
_LETTERS = "history.json"


class Reader:
    """The reader of the runs of a soak; it keeps the mail, which a mailbox has once."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._mail: list[Message] = []
        queues = stage.client("sqs").list_queues(QueueNamePrefix="mailbox-")
        self._mailboxes: list[str] = queues["QueueUrls"]

    def run(
        self,
        run_id: str,
        given: Mapping[str, Any],
        *,
        asked: Sequence[str],
        since: datetime,
        new: Sequence[str],
        commands: Sequence[Command],
    ) -> Run:
        """Return a run; `new` are the executions since the start of the soak's run, of which some are for it."""
        described = [self._stage.states.describe_execution(executionArn=arn) for arn in new]
        own = [each for each in described if _is_for(json.loads(each["input"]), run_id, given)]
        reductions = dict(self._reductions(new, since))
        return Run(
            run_id=run_id,
            asked=frozenset(asked),
            plan=self._plan(run_id),
            puts=self._puts(run_id),
            executions=tuple(
                self._execution(each, reductions) for each in sorted(own, key=lambda each: each["startDate"])
            ),
            messages=tuple(self.messages(since)),
            commands=tuple(commands),
            history=self._history(run_id),
        )

    def messages(self, since: datetime) -> list[Message]:
        """Return the e-mails and the messages of the webhook since a time, in the order of arrival."""
        self._mail += self._new_mail()
        posted = [
            Message(
                text=f"{each['message'].get('subject')}\n{each['message'].get('text')}",
                sent_at=datetime.fromisoformat(each["received_at"]),
                outcome=each["message"].get("outcome") or {},
            )
            for each in self._stage.channels.received()["webhook"]
        ]
        recent = (message for message in (*self._mail, *posted) if message.sent_at >= since)
        return sorted(recent, key=lambda message: message.sent_at)

    def _new_mail(self) -> Iterator[Message]:
        sqs = self._stage.client("sqs")
        for url in self._mailboxes:
            while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                for each in found:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
                    envelope = json.loads(each["Body"])
                    yield Message(
                        text=f"{envelope.get('Subject', '')}\n{envelope['Message']}",
                        sent_at=datetime.fromisoformat(envelope["Timestamp"]),
                    )

    def _execution(self, described: Mapping[str, Any], reductions: Mapping[str, datetime]) -> Execution:
        arn, output = described["executionArn"], json.loads(described.get("output") or "{}")
        history = read_history(self._events(arn))
        return Execution(
            arn=arn,
            status=described["status"],
            ended_at=described["stopDate"],
            outcome=output or history.outcome,
            read_at=reductions.get(arn),
        )

    def _reductions(self, new: Sequence[str], since: datetime) -> Iterator[tuple[str, datetime]]:
        """Yield each execution with the last start of a reduce step for it, by either machine."""
        watches = reversed(self._stage.executions(self._stage.watch))
        recent = (each["executionArn"] for each in watches if each["startDate"] >= since)
        for arn in (*reversed(new), *recent):
            yield from _reductions(self._events(arn))

    def _events(self, arn: str) -> list[dict[str, Any]]:
        pages = self._stage.states.get_paginator("get_execution_history").paginate(executionArn=arn)
        return [event for page in pages for event in page["events"]]

    def _versions(self, bucket: str, prefix: str) -> dict[str, tuple[Put, ...]]:
        s3 = self._stage.client("s3")
        found: dict[str, list[Put]] = {}
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for version in page.get("Versions", ()):
                key, body = version["Key"], b""
                if key.endswith(_READ):
                    answer = s3.get_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])
                    body = answer["Body"].read()
                found.setdefault(key, []).append(Put(body, version["LastModified"]))
            for marker in page.get("DeleteMarkers", ()):
                found.setdefault(marker["Key"], []).append(Put(None, marker["LastModified"]))
        return {key: tuple(sorted(puts, key=lambda put: put.written_at)) for key, puts in found.items()}

    def _puts(self, run_id: str) -> dict[str, tuple[Put, ...]]:
        prefix = reports_prefix(run_id)
        versions = self._versions(self._stage.reports, prefix)
        return {key.removeprefix(prefix): puts for key, puts in versions.items()}

    def _plan(self, run_id: str) -> tuple[str, ...]:
        """Return the regions of the last plan that can be read."""
        for put in reversed(self._versions(self._stage.cache, plan_key(run_id)).get(plan_key(run_id), ())):
            try:
                return plan_from(put.body or b"", self._stage.cache, run_id).regions
            except WorkerError:
                continue
        return ()

    def _history(self, run_id: str) -> Mapping[str, Any]:
        s3 = self._stage.client("s3")
        try:
            document = json.loads(s3.get_object(Bucket=self._stage.reports, Key=_LETTERS)["Body"].read())
            (entry,) = [each for each in document["runs"] if each["run_id"] == run_id]
        except (ValueError, KeyError, TypeError, s3.exceptions.NoSuchKey):
            return {}
        return {**entry, "regions": dict(zip(document["regions"], entry["regions"], strict=False))}


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def _is_for(asked: Mapping[str, Any], run_id: str, given: Mapping[str, Any]) -> bool:
    """Return True for the input of an execution that is for a run."""
    named, time = asked.get("run_id", run_id), asked.get("scheduled_time")
    return bool(named == run_id and time == given["scheduled_time"])


def _reductions(events: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, datetime]]:
    for event in events:
        details = event.get("taskScheduledEventDetails")
        if not details or details["resourceType"] != "ecs":
            continue
        for override in json.loads(details["parameters"]).get("Overrides", {}).get("ContainerOverrides", ()):
            variables = {item["Name"]: item["Value"] for item in override.get("Environment", ())}
            if override.get("Command") == ["summarize"]:
                yield variables["EXECUTION"], event["timestamp"]
