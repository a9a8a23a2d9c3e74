import json
from pathlib import Path
from typing import Any

import pytest

from guardrails.plan import UNKNOWN
from guardrails.plan_file import PlanFileError, plan_in, read_plan

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "AAA"}
PROVIDER = "urn:pulumi:dev::p::pulumi:providers:aws::aws"
QUEUE = "urn:pulumi:dev::p::acme:Pipeline$aws:sqs/queue:Queue::queue"
COMPONENT = "urn:pulumi:dev::p::acme:Pipeline::pipeline"


def states() -> list[dict[str, Any]]:
    return [
        {"urn": PROVIDER, "type": "pulumi:providers:aws", "custom": True, "inputs": {"region": "eu-west-1"}},
        {"urn": COMPONENT, "type": "acme:Pipeline", "inputs": {"expected": {"month": {}}}},
        {
            "urn": QUEUE,
            "type": "aws:sqs/queue:Queue",
            "custom": True,
            "parent": COMPONENT,
            "provider": f"{PROVIDER}::0c1d",
            "inputs": {"__defaults": [], "name": "queue", "kmsMasterKeyId": UNKNOWN_TEXT, "policy": SECRET},
            "outputs": {"arn": "arn:aws:sqs:eu-west-1:111122223333:queue", "name": "old"},
            "propertyDependencies": {"kmsMasterKeyId": [COMPONENT], "name": None},
        },
    ]


def preview() -> dict[str, Any]:
    return {"config": {}, "steps": [{"op": "create", "urn": one["urn"], "newState": one} for one in states()]}


def export() -> dict[str, Any]:
    return {"version": 3, "deployment": {"resources": states()}}


@pytest.mark.parametrize("written", [preview(), export()], ids=["preview", "export"])
def test_a_preview_and_an_export_hold_the_same_plan(written: dict[str, Any]) -> None:
    plan = plan_in(written)
    (queue,) = plan.of_type("aws:sqs/queue:Queue")
    assert queue.name == "queue"
    assert queue.provider == {"region": "eu-west-1"}
    assert queue.properties["name"] == "queue"
    assert str(queue.properties["arn"]).endswith(":queue")
    assert queue.properties["kmsMasterKeyId"] is UNKNOWN
    assert queue.properties["policy"] is UNKNOWN
    assert "__defaults" not in queue.properties
    assert queue.sources == {"kmsMasterKeyId": (COMPONENT,)}
    assert [one.properties for one in plan.ancestors(queue)] == [{"expected": {"month": {}}}]


def test_resources_to_be_deleted_are_not_part_of_the_plan() -> None:
    written = preview()
    written["steps"][2] = {"op": "delete", "urn": QUEUE, "oldState": states()[2]}
    assert plan_in(written).of_type("aws:sqs/queue:Queue") == []
    exported = export()
    exported["deployment"]["resources"][2]["delete"] = True
    assert plan_in(exported).of_type("aws:sqs/queue:Queue") == []


def test_resources_that_are_only_read_are_distinguished_from_created_ones() -> None:
    previewed, exported = preview(), export()
    previewed["steps"][2]["op"] = "read"
    exported["deployment"]["resources"][2]["external"] = True
    for written in (previewed, exported):
        assert [one.is_read for one in plan_in(written).resources.values()] == [False, False, True]


def same(*shown: dict[str, Any], counted: int) -> dict[str, Any]:
    """Return Pulumi's preview of a stack in which only a queue is new; the preview also shows the stack itself."""
    stack = {"urn": "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", "type": "pulumi:pulumi:Stack"}
    steps = [{"op": "same", "newState": one} for one in (stack, *shown)]
    return {
        "steps": [*steps, {"op": "create", "newState": states()[2]}],
        "duration": 1,
        "changeSummary": {"create": 1, "same": counted},
    }


def test_a_preview_without_unchanged_resources_is_refused() -> None:
    with pytest.raises(
        PlanFileError, match=r"it is a preview that leaves out 2 .*; write it with `.* --show-sames`"
    ):
        plan_in(same(counted=3))


def test_a_preview_with_unchanged_resources_is_a_plan() -> None:
    assert len(plan_in(same(*states()[:2], counted=3)).resources) == 4


@pytest.mark.parametrize("counts", [None, 3, {}, {"create": 3}, {"same": "2"}])
def test_a_preview_of_a_new_stack_leaves_nothing_out(counts: Any) -> None:
    assert len(plan_in({**preview(), "changeSummary": counts}).resources) == 3


@pytest.mark.parametrize(
    "written",
    [None, 3, [], {}, {"steps": 3}, {"steps": [3, {"newState": 3}]}, {"deployment": {"resources": [{}]}}],
)
def test_a_plan_file_without_resources_is_refused(written: Any) -> None:
    with pytest.raises(PlanFileError, match="pulumi preview --json --show-sames"):
        plan_in(written)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanFileError, match="cannot be read"):
        read_plan(tmp_path / "gone.json")
    (tmp_path / "plan.json").write_text("nonsense", encoding="utf-8")
    with pytest.raises(PlanFileError, match="is not JSON"):
        read_plan(tmp_path / "plan.json")


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(preview()), encoding="utf-8")
    assert len(read_plan(tmp_path / "plan.json").resources) == 3
