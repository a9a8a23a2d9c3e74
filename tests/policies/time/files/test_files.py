import json
from pathlib import Path
from typing import Any

import pytest

from guardrails.__main__ import main
from guardrails.time.files.read import machines_in

Json = dict[str, Any]

WAIT = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 20, "End": True}}}

TEMPLATE = """
Parameters:
  Pause: {Type: Number, Default: 5}
Mappings:
  Sizes: {small: {Seconds: 7}}
Resources:
  Tiles: {Type: AWS::Lambda::Function}
  Pages: {Type: AWS::Serverless::Function}
  Clerk: {Type: AWS::StepFunctions::Activity}
  Sub:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineType: EXPRESS
      DefinitionSubstitutions: {Function: !GetAtt Tiles.Arn, Rest: 20}
      DefinitionString: !Sub |
        {"StartAt": "A", "States": {
          "A": {"Type": "Task", "Resource": "${!Function}", "Next": "B"},
          "B": {"Type": "Wait", "Seconds": ${!Rest}, "End": true}}}
  Join:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString:
        Fn::Join:
          - ""
          - - '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "'
            - !GetAtt Pages.Arn
            - '", "End": true}}}'
  Object:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: A
        States:
          A: {Type: Wait, Seconds: !FindInMap [Sizes, small, Seconds], End: yes}
  File:
    Type: AWS::Serverless::StateMachine
    Properties:
      Type: EXPRESS
      DefinitionUri: wait.asl.json
      DefinitionSubstitutions: {Pause: 8}
  Chosen:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Sub >
        {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": ${Pause}, "End": true}}}
  ByHand:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition:
        StartAt: A
        States: {A: {Type: Task, Resource: !Ref Clerk, TimeoutSeconds: 9, End: true}}
  Elsewhere:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionS3Location: {Bucket: b, Key: k}
"""
TEMPLATE_OF_ONE: Json = {
    "Orders": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": WAIT}}
}


def analysed(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, Json]]:
    code = main(["time", str(path), *options, "--json"])
    return code, {machine["name"]: machine for machine in json.loads(capsys.readouterr().out)["machines"]}


def written(path: Path, content: str | Json) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_every_machine_of_a_template_is_found_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path / "wait.asl.json", json.dumps(WAIT).replace("20", "${Pause}"))
    code, found = analysed(written(tmp_path / "template.yaml", TEMPLATE), capsys)
    assert code == 1
    assert {name: machine.get("worst_case_seconds") for name, machine in found.items()} == {
        "Sub": 920,
        "Join": 900,
        "Object": 7,
        "File": 8,
        # A deployment may choose another value than the default of a parameter.
        "Chosen": None,
        "ByHand": None,
        "Elsewhere": None,
    }
    assert [name for name, machine in found.items() if machine["type"] == "EXPRESS"] == ["Sub", "File"]
    assert found["Chosen"]["placeholders"] == ["${Pause}"]
    assert "Seconds is ${Pause}" in found["Chosen"]["unbounded"][0]["reason"]
    assert "activity" in found["ByHand"]["unbounded"][0]["reason"]
    assert "in S3" in found["Elsewhere"]["unknown"]


def test_a_template_in_json_and_in_yaml_is_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    properties = {"DefinitionString": {"Fn::Sub": json.dumps(WAIT)}, "StateMachineName": "orders"}
    template = {
        "Resources": {"Orders": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}
    }
    code, found = analysed(written(tmp_path / "template.json", template), capsys)
    assert (code, found["Orders"]["worst_case_seconds"]) == (0, 20)


def test_the_output_of_describe_state_machine_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    described = {"name": "orders", "type": "EXPRESS", "definition": json.dumps(WAIT), "roleArn": "arn"}
    code, found = analysed(written(tmp_path / "described.json", described), capsys)
    assert (code, found["orders"]["worst_case_seconds"], found["orders"]["type"]) == (0, 20, "EXPRESS")


@pytest.mark.parametrize("as_text", [True, False])
def test_the_output_of_get_template_is_read(
    as_text: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    properties = {"Definition": WAIT}
    template = {
        "Resources": {"Orders": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}
    }
    body = json.dumps(template) if as_text else template
    printed = {"TemplateBody": body, "StagesAvailable": ["Original"]}
    code, found = analysed(written(tmp_path / "printed.json", printed), capsys)
    assert (code, found["Orders"]["worst_case_seconds"]) == (0, 20)


@pytest.mark.parametrize(
    ("type_", "properties", "place"),
    [
        ("AWS::CloudFormation::Stack", {"TemplateURL": "./child.yaml"}, " ./child.yaml"),
        ("AWS::Serverless::Application", {"Location": "./child.yaml"}, " ./child.yaml"),
        ("AWS::Serverless::Application", {"Location": {"ApplicationId": "arn"}}, ""),
        ("AWS::CloudFormation::Stack", None, ""),
    ],
)
def test_a_nested_template_that_is_not_read_does_not_pass(
    type_: str, properties: Any, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = TEMPLATE_OF_ONE | {"Child": {"Type": type_, "Properties": properties}}
    path = written(tmp_path / "template.json", {"Resources": template})
    code, found = analysed(path, capsys)
    assert (code, found["Orders"]["worst_case_seconds"]) == (1, 20)
    assert f"its nested template{place} was not read" in found["Child"]["unknown"]
    included = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/k"}}}
    code, found = analysed(written(path, {"Resources": TEMPLATE_OF_ONE | included}), capsys)
    assert code == 1
    assert "macro may add machines" in found["Fn::Transform"]["unknown"]


def preview(**inputs: Any) -> Json:
    type_ = "aws:sfn/stateMachine:StateMachine"
    state = {"urn": f"urn:pulumi:dev::shop::{type_}::orders", "type": type_, "inputs": inputs}
    return {"steps": [{"op": "create", "newState": state}]}


def test_a_plan_and_a_stack_of_pulumi_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planned = preview(definition=json.dumps(WAIT), type="EXPRESS")
    stack = {"version": 3, "deployment": {"resources": [planned["steps"][0]["newState"]]}}
    for document in (planned, stack):
        code, found = analysed(written(tmp_path / "plan.json", document), capsys)
        assert (code, found["orders"]["worst_case_seconds"], found["orders"]["type"]) == (0, 20, "EXPRESS")


def test_a_definition_that_a_preview_does_not_know_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planned = preview(definition="04da6b54-80e4-46f7-96ec-b56ff0331ba9")
    code, found = analysed(written(tmp_path / "plan.json", planned), capsys)
    assert code == 1
    assert "not known before the deployment" in found["orders"]["unknown"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ({"executionArn": "a", "stateMachineArn": "b"}, "describe-state-machine-for-execution"),
        ("service: shop\nprovider: {name: aws}\nstepFunctions: {}\n", "run `serverless package`"),
        ({**preview(), "changeSummary": {"same": 5}}, "leaves out 5 unchanged resources"),
        ({"steps": [], "deployment": {}}, "holds no resources"),
    ],
)
def test_a_file_of_another_kind_is_named_with_what_to_give_instead(
    content: Any, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["time", str(written(tmp_path / "it.yaml", content))]) == 1
    assert said in capsys.readouterr().err


def test_a_plan_of_terraform_names_machines_by_their_addresses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def machine(address: str, **values: Any) -> Json:
        return {"address": address, "type": "aws_sfn_state_machine", "values": values}

    child = {
        "resources": [
            machine("module.a.aws_sfn_state_machine.b", definition=json.dumps(WAIT), type="EXPRESS")
        ]
    }
    root = {"resources": [machine("aws_sfn_state_machine.a", name="later"), {"type": "aws_s3_bucket"}]}
    plan = {"format_version": "1.2", "planned_values": {"root_module": {**root, "child_modules": [child]}}}
    code, found = analysed(written(tmp_path / "plan.json", plan), capsys)
    assert code == 1
    assert "not known before the plan is applied" in found["aws_sfn_state_machine.a"]["unknown"]
    assert found["module.a.aws_sfn_state_machine.b"]["worst_case_seconds"] == 20


def test_a_machine_of_terraforms_cloud_control_provider_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {"definition_string": json.dumps(WAIT), "state_machine_type": "EXPRESS"}
    address = "awscc_stepfunctions_state_machine.a"
    machine = {"address": address, "type": "awscc_stepfunctions_state_machine", "values": values}
    plan = {"format_version": "1.2", "planned_values": {"root_module": {"resources": [machine]}}}
    code, found = analysed(written(tmp_path / "plan.json", plan), capsys)
    assert (code, found[address]["worst_case_seconds"], found[address]["type"]) == (0, 20, "EXPRESS")


def test_a_plan_of_terraform_that_failed_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = {"format_version": "1.2", "errored": True, "planned_values": {"root_module": {}}}
    path = written(tmp_path / "plan.json", plan)
    assert main(["time", str(path)]) == 1
    assert capsys.readouterr().err == (
        f"{path}: the plan failed and may be incomplete; correct the errors, and plan again.\n"
    )


def test_a_definition_in_yaml_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "StartAt: A\nStates: {A: {Type: Wait, Seconds: 20, End: yes, Comment: 2026-01-01}}\n"
    code, found = analysed(written(tmp_path / "m.asl.yaml", text), capsys)
    assert (code, found[""]["worst_case_seconds"]) == (0, 20)


def test_a_placeholder_is_named_and_bounds_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wait = '{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": ${pause}, "Comment": "a ${b}", "End": true}}}'
    path = written(tmp_path / "m.asl.json", wait)
    assert main(["time", str(path)]) == 1
    assert "Not known before the deployment: ${pause}, ${b}" in capsys.readouterr().out
    bounds = written(tmp_path / "bounds.json", {"seconds": {"A": 60}})
    code, found = analysed(path, capsys, "--bounds", str(bounds))
    assert (code, found[""]["worst_case_seconds"]) == (0, 60)
    key = written(tmp_path / "key.asl.json", wait.replace('"Comment"', '"${Key}"'))
    assert main(["time", str(key)]) == 1
    assert "the name of a field is ${Key}" in capsys.readouterr().err


def test_an_express_machine_has_300_seconds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slow = written(tmp_path / "m.json", json.dumps(WAIT).replace("20", "301"))
    assert main(["time", str(slow)]) == 0
    assert main(["time", str(slow), "--express"]) == 1
    assert "1 s more than the 300 s" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ("{", "is not JSON"),
        ({"seconds": {"A": -1}}, "seconds.A is -1, below 0"),
        ({"second": {}}, "second is not known; the nearest name is seconds"),
        ({"visits": {"Aa": 1}}, "bounds Aa, which is no state of the machine; the nearest name is A"),
    ],
    ids=str,
)
def test_wrong_bounds_are_refused(
    bounds: Any, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(
        tmp_path / "m.json", json.dumps(WAIT).replace('"A"', '"Aab"') if "Aa" in str(bounds) else WAIT
    )
    declared = written(tmp_path / "bounds.json", bounds)
    assert main(["time", str(path), "--bounds", str(declared)]) == 1
    assert message.replace("is A", "is Aab" if "Aa" in str(bounds) else "is A") in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        "",
        "a: [",
        "a: &a [*a]",
        "x: !!python/object:os.system {}",
        "[" * 5_000,
        "- " * 5_000,
        '{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}',
        "&a [x, x, x, x, x, x, x, x, x]\n",
    ],
    ids=lambda content: content[:12],
)
def test_a_file_without_a_machine_is_refused_in_one_sentence(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "m.yaml", content)
    assert main(["time", str(path)]) == 1
    told = capsys.readouterr()
    assert len(told.err.splitlines()) == 1 or "no bound" in told.out


def test_aliases_that_repeat_themselves_end(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    path = written(tmp_path / "bomb.yaml", "\n".join(lines))
    with pytest.raises(Exception, match="holds no state machine"):
        machines_in(path)
