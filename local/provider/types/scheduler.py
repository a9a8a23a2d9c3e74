"""EventBridge Scheduler: schedules and their groups."""

from local.provider.resource_type import Call, ResourceType, Tagging

_SCHEDULE_GROUP = ResourceType(
    "aws:scheduler/scheduleGroup:ScheduleGroup",
    "scheduler",
    id="$name",
    names={"ScheduleGroupArn": "arn"},
    autoname=64,
    create=Call("create_schedule_group"),
    read=(Call("get_schedule_group"),),
    delete=(Call("delete_schedule_group"),),
    tagging=Tagging(),
)

_SCHEDULE = ResourceType(
    "aws:scheduler/schedule:Schedule",
    "scheduler",
    id="$groupName/$name",
    names={"ScheduleArn": "arn"},
    autoname=64,
    defaults={"groupName": "default", "scheduleExpressionTimezone": "UTC", "state": "ENABLED"},
    create=Call("create_schedule"),
    read=(Call("get_schedule"),),
    update=(Call("update_schedule"),),
    delete=(Call("delete_schedule"),),
)

TYPES = (_SCHEDULE, _SCHEDULE_GROUP)
