"""Targets of event rules: machines, topics, queues, log groups, functions; moto has two of them, and no constant input.

AWS: an enabled rule with a matching pattern sends the event, its InputPath, a constant Input or an
InputTransformer's text to each target; an event that cannot be delivered goes to the target's dead-letter queue with
the reason. A scheduled rule matches no event.
Source: Amazon EventBridge User Guide, "Amazon EventBridge targets", "Amazon EventBridge input transformation" and
"Using dead-letter queues to process undelivered events".
"""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from jsonpath_ng.ext.parser import parse as json_path
from moto.awslambda.models import lambda_backends
from moto.events.models import EventPattern, Rule
from moto.events.utils import EventTemplateParser
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local.emulator.authorization.enforcement import require, require_role
from local.emulator.errors import AwsError
from local.emulator.functions.asynchronous import invoke_later
from local.emulator.patch import replace
from local.emulator.times import iso_millis

_SERVICE = "events.amazonaws.com"
# Source: "Using resource-based policies for Amazon EventBridge"; machines are started with the target's role.
_ACTIONS = {
    "states": "states:StartExecution",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
    "lambda": "lambda:InvokeFunction",
}


def apply() -> None:
    """Deliver events."""
    replace(Rule, "send_to_targets", _send_to_targets)
    replace(EventPattern, "matches_event", _matches_event)


def _matches_event(original: Callable[..., Any], self: Any, event: dict[str, Any]) -> bool:
    return bool(self.get_pattern()) and original(self, event)


def _send_to_targets(
    _original: Callable[..., Any], self: Any, original_event: dict[str, Any], transform_input: bool = True
) -> None:
    if self.state != "ENABLED" or not self.event_pattern.matches_event(original_event):
        return
    event = {**original_event, "time": _time(original_event["time"])}
    for target in self.targets:
        payload = _payload(target, event) if transform_input else event
        try:
            _deliver(self, target, payload)
        except Exception as error:  # noqa: BLE001 - whatever a target answers, AWS keeps the event and goes on
            _give_up(self, target, payload, error)


def _time(time: float | str) -> str:
    if isinstance(time, str):
        return time
    return iso_millis(datetime.fromtimestamp(time, UTC))[:-5] + "Z"


def _payload(target: dict[str, Any], event: dict[str, Any]) -> Any:
    if "Input" in target:
        return json.loads(target["Input"])
    if "InputTransformer" in target:
        transformer = target["InputTransformer"]
        return EventTemplateParser.parse(
            input_template=transformer["InputTemplate"],
            input_paths_map=transformer.get("InputPathsMap", {}),
            event=event,  # type: ignore[arg-type]
        )
    plain = {key: value for key, value in event.items() if key != "ingestion-time"}
    if "InputPath" in target:
        return json_path(target["InputPath"]).find(plain)[0].value
    return plain


def _deliver(rule: Any, target: dict[str, Any], payload: Any) -> None:
    arn = target["Arn"]
    service, region, account, resource = arn.split(":", 5)[2:]
    text = json.dumps(payload)
    _require(rule, target, service)
    if service == "states":
        stepfunctions_parser_backends[account][region].start_execution(arn, execution_input=text)
    elif service == "sns":
        sns_backends[account][region].publish(message=text, arn=arn)
    elif service == "sqs":
        group = target.get("SqsParameters", {}).get("MessageGroupId")
        sqs_backends[account][region].send_message(resource, text, group_id=group)
    elif service == "lambda":
        invoke_later(lambda_backends[account][region].get_function(arn), text)
    elif service == "logs":
        rule._send_to_cw_log_group(resource.removeprefix("log-group:"), _with_epoch(payload))
    else:
        raise NotImplementedError(
            f"The local event bus delivers to states, sns, sqs, logs and lambda, not to {arn}."
        )


def _require(rule: Any, target: dict[str, Any], service: str) -> None:
    """Raise an error unless the target's role, or the target's own policy, allows the delivery."""
    action, arn = _ACTIONS.get(service), target["Arn"]
    if action is None:
        return
    if service == "states":
        require_role(target.get("RoleArn"), _SERVICE, action, arn, rule.arn)
    else:
        require(_SERVICE, action, arn, rule.arn)


def _with_epoch(payload: Any) -> Any:
    # moto's delivery to log groups converts `time` from epoch seconds to text.
    if isinstance(payload, dict) and "time" in payload:
        return {**payload, "time": datetime.fromisoformat(payload["time"]).timestamp()}
    return payload


def _give_up(rule: Any, target: dict[str, Any], payload: Any, error: Exception) -> None:
    queue_arn = target.get("DeadLetterConfig", {}).get("Arn")
    if not queue_arn:
        print(f"{rule.arn} could not deliver to {target['Arn']}: {error}", file=sys.stderr)
        return
    region, account, queue = queue_arn.split(":")[3:6]
    try:
        require(_SERVICE, "sqs:SendMessage", queue_arn, rule.arn)
    except AwsError as refusal:
        print(f"{rule.arn} lost an event: {refusal.message}", file=sys.stderr)
        return
    facts = {
        "RULE_ARN": rule.arn,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": "ERROR_FROM_TARGET",
        "ERROR_MESSAGE": str(error),
        # An error in this process, such as a missing machine, would occur again.
        "RETRY_ATTEMPTS": "0",
    }
    sqs_backends[account][region].send_message(
        queue,
        json.dumps(payload),
        message_attributes={
            name: {"DataType": "String", "StringValue": value} for name, value in facts.items()
        },
    )
