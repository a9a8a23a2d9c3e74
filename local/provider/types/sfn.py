"""Step Functions: state machines."""

from local.provider.resource_type import Call, Made, ResourceType, Tagging
from local.provider.values import Properties


def _logging(properties: Properties) -> Properties | None:
    """Return the logging configuration with the log destination as a list with one log group, as in the API."""
    given = properties.get("loggingConfiguration")
    if given is None:
        return None
    destinations = (
        [{"cloudWatchLogsLogGroup": {"logGroupArn": given["logDestination"]}}]
        if "logDestination" in given
        else []
    )
    rest = {key: value for key, value in given.items() if key != "logDestination"}
    return {**rest, "destinations": destinations}


_LOGGING = {"loggingConfiguration": Made(("loggingConfiguration",), _logging)}
_READ_LOGGING = (
    "merge(@, {loggingConfiguration: loggingConfiguration && merge(loggingConfiguration, "
    "{logDestination: loggingConfiguration.destinations[0].cloudWatchLogsLogGroup.logGroupArn})})"
)

_STATE_MACHINE = ResourceType(
    "aws:sfn/stateMachine:StateMachine",
    "stepfunctions",
    id="$arn",
    names={"stateMachineArn": "arn"},
    autoname=80,
    replace_on=("type",),
    defaults={"type": "STANDARD"},
    create=Call("create_state_machine", arguments=_LOGGING),
    read=(Call("describe_state_machine", select=_READ_LOGGING),),
    update=(Call("update_state_machine", arguments=_LOGGING),),
    delete=(Call("delete_state_machine"),),
    tagging=Tagging(),
)

TYPES = (_STATE_MACHINE,)
