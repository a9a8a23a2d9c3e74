"""Faults of a pipeline: each function breaks one thing in the good plan."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.policies.bad_plans.good_plan import MACHINE_ARN, QUEUE_ARN, Pipeline, arn

Mutation = Callable[[Pipeline], object]


def definition(plan: Pipeline) -> dict[str, Any]:
    """Return the machine's definition."""
    found: dict[str, Any] = plan["machine"]["definition"]
    return found


def state(plan: Pipeline, name: str) -> dict[str, Any]:
    """Return a state of the machine itself."""
    found: dict[str, Any] = definition(plan)["States"][name]
    return found


def work(plan: Pipeline) -> dict[str, Any]:
    """Return the state that works on a tile."""
    found: dict[str, Any] = state(plan, "Tiles")["ItemProcessor"]["States"]["WorkOnTile"]
    return found


def overrides(plan: Pipeline) -> dict[str, Any]:
    """Return the state's overrides of the task definition."""
    found: dict[str, Any] = work(plan)["Arguments"]["Overrides"]
    return found


def container(plan: Pipeline) -> dict[str, Any]:
    """Return the one container of the task definition."""
    found: dict[str, Any] = plan["task"]["containerDefinitions"][0]
    return found


def statement(plan: Pipeline, action: str) -> dict[str, Any]:
    """Return the statement of the machine's policy that allows an action."""
    return next(found for found in _statements(plan) if action in found["Action"])


def _forbid(plan: Pipeline, service: str) -> None:
    """Remove from the machine's policy the actions that it no longer needs."""
    found = next(
        one for one in _statements(plan) if any(action.startswith(service) for action in one["Action"])
    )
    found["Action"] = [action for action in found["Action"] if not action.startswith(service)]


def _statements(plan: Pipeline) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = plan["machine-policy"]["policy"]["Statement"]
    return found


# Running time.


def items_that_nobody_bounds(plan: Pipeline) -> None:
    del plan["pipeline"]["bounds"]


def a_wait_until_a_time_in_the_input(plan: Pipeline) -> None:
    definition(plan)["States"]["Pause"] = {
        "Type": "Wait",
        "Timestamp": "{% $states.input.at %}",
        "Next": "Measure",
    }
    state(plan, "Tiles")["Next"] = "Pause"


def a_loop_without_a_counter(plan: Pipeline) -> None:
    definition(plan)["States"]["Again"] = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input.more %}", "Next": "Tiles"}],
        "Default": "Measure",
    }
    state(plan, "Tiles")["Next"] = "Again"


def a_machine_without_a_timeout(plan: Pipeline) -> None:
    del definition(plan)["TimeoutSeconds"]


def two_tries_that_do_not_fit(plan: Pipeline) -> None:
    """Allow two attempts of two hours in a machine with a timeout of three hours."""
    work(plan)["TimeoutSeconds"] = 7200


def a_schedule_that_is_faster_than_the_machine(plan: Pipeline) -> None:
    plan["start"]["scheduleExpression"] = "rate(2 hours)"


def a_task_without_a_timeout(plan: Pipeline) -> None:
    del state(plan, "Check")["TimeoutSeconds"]


def a_timeout_from_the_input(plan: Pipeline) -> None:
    state(plan, "Check")["TimeoutSeconds"] = "{% $states.input.patience %}"


def a_callback_without_a_heartbeat(plan: Pipeline) -> None:
    del work(plan)["HeartbeatSeconds"]


def a_heartbeat_that_a_cold_start_misses(plan: Pipeline) -> None:
    work(plan)["HeartbeatSeconds"] = 20


def a_heartbeat_of_a_task_that_has_none(plan: Pipeline) -> None:
    """Set `HeartbeatSeconds: 600` on `ecs:runTask.sync`."""
    state(plan, "Check")["HeartbeatSeconds"] = 300


def a_callback_that_is_told_no_token(plan: Pipeline) -> None:
    overrides(plan)["ContainerOverrides"][0]["Environment"] = []


def a_retry_without_end(plan: Pipeline) -> None:
    state(plan, "Check")["Retry"][0]["MaxAttempts"] = 7


def an_error_that_no_retry_cures(plan: Pipeline) -> None:
    state(plan, "Check")["Retry"][0]["ErrorEquals"].append("States.Permissions")


def an_error_that_ecs_never_raises(plan: Pipeline) -> None:
    state(plan, "Check")["Retry"][0]["ErrorEquals"].append("ECS.ServiceException")


def no_retry_of_missing_capacity(plan: Pipeline) -> None:
    work(plan)["Retry"][0]["ErrorEquals"] = ["States.HeartbeatTimeout"]


def a_message_whose_failure_hides_the_run(plan: Pipeline) -> None:
    del state(plan, "TellFailure")["Catch"]


def a_message_that_is_tried_once(plan: Pipeline) -> None:
    del state(plan, "Tell")["Retry"]


def a_map_without_a_concurrency(plan: Pipeline) -> None:
    del state(plan, "Tiles")["MaxConcurrency"]


def a_state_with_a_name_that_is_too_long(plan: Pipeline) -> None:
    states = definition(plan)["States"]
    states["C" * 81] = states.pop("Check")
    definition(plan)["StartAt"] = "C" * 81
    seconds = plan["pipeline"]["expected"]["seconds"]
    seconds["C" * 81] = seconds.pop("Check")


def a_container_that_has_no_time_to_stop(plan: Pipeline) -> None:
    container(plan)["stopTimeout"] = 5


# References between a machine and its tasks.


def a_container_that_is_not_there(plan: Pipeline) -> None:
    overrides(plan)["ContainerOverrides"][0]["Name"] = "monitor"


def a_size_that_fargate_does_not_run(plan: Pipeline) -> None:
    plan["task"]["memory"] = "3000"


def an_override_below_the_task(plan: Pipeline) -> None:
    """Override 8,192 MiB of the task definition with 4,096 MiB."""
    overrides(plan)["Memory"] = "2048"


def an_override_that_fargate_does_not_run(plan: Pipeline) -> None:
    overrides(plan)["Memory"] = "16384"


def an_action_that_the_role_misses(plan: Pipeline) -> None:
    statement(plan, "cloudwatch:PutMetricData")["Action"] = ["xray:PutTraceSegments"]


def no_rule_for_a_synchronous_task(plan: Pipeline) -> None:
    statement(plan, "events:PutRule")["Action"] = ["events:DescribeRule"]


def no_key_for_an_encrypted_topic(plan: Pipeline) -> None:
    statement(plan, "kms:Decrypt")["Action"] = ["kms:Decrypt"]


def a_message_to_a_topic_that_the_role_may_not_use(plan: Pipeline) -> None:
    statement(plan, "sns:Publish")["Resource"] = ["arn:aws:sns:eu-west-1:111122223333:others"]


def every_action_of_a_service(plan: Pipeline) -> None:
    statement(plan, "ecs:RunTask")["Action"] = ["ecs:*"]


def an_action_that_no_state_calls(plan: Pipeline) -> None:
    statement(plan, "sns:Publish")["Action"].append("sns:DeleteTopic")


# Alarms, schedules and notifications.


def a_bad_end_that_nobody_is_told(plan: Pipeline) -> None:
    del plan["aborted"]


def an_alarm_that_tells_nobody(plan: Pipeline) -> None:
    plan["timed-out"]["alarmActions"] = []


def an_alarm_that_one_failure_does_not_ring(plan: Pipeline) -> None:
    plan["failed"]["threshold"] = 100_000


def an_alarm_that_rings_while_nothing_fails(plan: Pipeline) -> None:
    plan["failed"] |= {"comparisonOperator": "LessThanThreshold", "threshold": 1}


def an_alarm_that_waits_for_three_failures(plan: Pipeline) -> None:
    plan["failed"]["evaluationPeriods"] = 3


def an_alarm_on_a_metric_that_is_not_there(plan: Pipeline) -> None:
    plan["start-lost"]["metricName"] = "ApproximateNumberOfMessages"


def an_alarm_on_a_metric_that_nobody_publishes(plan: Pipeline) -> None:
    plan["few-tiles"]["metricName"] = "TilesLost"


def an_alarm_above_the_timeout(plan: Pipeline) -> None:
    """As "longer than 3 h" on a machine that ends at 10,800 s."""
    plan["slow"]["threshold"] = 21_600_000


def an_alarm_above_the_timeout_of_a_function(plan: Pipeline) -> None:
    """As "longer than 90 s" on a function that ends at 60 s."""
    plan["slow"] |= {
        "namespace": "AWS/Lambda",
        "metricName": "Duration",
        "dimensions": {"FunctionName": "tiles-reporter"},
        "threshold": 90_000,
    }


def an_alarm_on_the_age_of_a_message_in_milliseconds(plan: Pipeline) -> None:
    """SQS publishes the age in seconds, and deletes a message after 14 days."""
    plan["start-lost"] |= {
        "metricName": "ApproximateAgeOfOldestMessage",
        "statistic": "Maximum",
        "threshold": 3_600_000,
    }


def an_alarm_with_a_period_of_a_minute_and_a_half(plan: Pipeline) -> None:
    plan["start-lost"]["period"] = 90


def a_start_that_is_lost_without_a_trace(plan: Pipeline) -> None:
    del plan["start"]["target"]["deadLetterConfig"]


def a_start_that_may_be_a_day_late(plan: Pipeline) -> None:
    plan["start"]["target"]["retryPolicy"]["maximumEventAgeInSeconds"] = 86_400


def a_keyword_of_the_scheduler_in_a_rule(plan: Pipeline) -> None:
    plan["upload-target"].pop("inputTransformer")
    plan["upload-target"]["input"] = '{"at": "<aws.scheduler.scheduled-time>"}'


def a_role_that_any_schedule_may_take(plan: Pipeline) -> None:
    del plan["start-role"]["assumeRolePolicy"]["Statement"][0]["Condition"]


def a_schedule_in_the_default_group(plan: Pipeline) -> None:
    del plan["start"]["groupName"]
    condition = _trust(plan, "start-role")["Condition"]["StringEquals"]
    condition["aws:SourceArn"] = condition["aws:SourceArn"].replace("/tiles", "/default")


def a_topic_that_nobody_reads(plan: Pipeline) -> None:
    del plan["news-mail"], plan["reporter-events"]


def a_chat_subscribed_to_a_topic(plan: Pipeline) -> None:
    plan["news-mail"] |= {"protocol": "https", "endpoint": "https://hooks.slack.com/services/T0/B0/example"}


def an_image_that_changes(plan: Pipeline) -> None:
    container(plan)["image"] = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/tiler:latest"


def a_tag_that_can_be_moved(plan: Pipeline) -> None:
    container(plan)["image"] = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/tiler:1.4.2"
    plan["image"]["imageTagMutability"] = "MUTABLE"


# Costs.


def a_region_without_prices(plan: Pipeline) -> None:
    plan["image"]["region"] = "mars-north-1"


def a_database_that_is_in_no_total(plan: Pipeline) -> None:
    plan["database"] = {"tags": plan["news"]["tags"]}


def starts_that_nobody_counts(plan: Pipeline) -> None:
    del plan["pipeline"]["expected"]["starts"]


def many_tiles_with_more_memory(plan: Pipeline) -> None:
    plan["pipeline"]["bounds"]["items"]["Tiles"] = 120
    state(plan, "Tiles")["MaxConcurrency"] = 40
    overrides(plan)["Memory"] = "8192"


def a_task_of_sixteen_vcpus(plan: Pipeline) -> None:
    overrides(plan).update(Cpu="16384", Memory="32768")


def more_logs_than_anybody_reads(plan: Pipeline) -> None:
    plan["pipeline"]["expected"]["month"]["logs_ingested_gb"] = 90


def thirty_starts_a_day(plan: Pipeline) -> None:
    plan["pipeline"]["expected"]["starts"] = 900


def a_budget_that_the_stack_can_exceed(plan: Pipeline) -> None:
    plan["budget"] = {
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitUnit": "USD",
        "limitAmount": "5",
        "tags": plan["news"]["tags"],
    }


def a_nat_gateway(plan: Pipeline) -> None:
    plan["nat"] = {"tags": plan["news"]["tags"]}


def an_endpoint_in_two_zones(plan: Pipeline) -> None:
    plan["endpoint"] = {
        "vpcEndpointType": "Interface",
        "subnetIds": ["subnet-1", "subnet-2"],
        "tags": plan["news"]["tags"],
    }


def four_dashboards(plan: Pipeline) -> None:
    plan.update({f"dashboard-{number}": {"dashboardBody": "{}"} for number in range(4)})


# How it is operated.


def a_machine_without_traces(plan: Pipeline) -> None:
    del plan["machine"]["tracingConfiguration"]
    _forbid(plan, "xray:")


def a_machine_without_logs(plan: Pipeline) -> None:
    del plan["machine"]["loggingConfiguration"]
    _forbid(plan, "logs:")


def logs_for_ever(plan: Pipeline) -> None:
    del plan["task-logs"]["retentionInDays"]


def a_tag_that_is_missing(plan: Pipeline) -> None:
    del plan["news"]["tags"]["Project"]


def a_topic_in_the_clear(plan: Pipeline) -> None:
    del plan["lost-starts"]["kmsMasterKeyId"]


# How a function runs.


def a_function_that_runs_for_minutes(plan: Pipeline) -> None:
    plan["reporter"]["timeout"] = 300


def a_function_with_much_memory(plan: Pipeline) -> None:
    plan["reporter"]["memorySize"] = 1024


def a_function_that_never_runs(plan: Pipeline) -> None:
    plan["reporter"]["reservedConcurrentExecutions"] = 0


def a_runtime_without_patches(plan: Pipeline) -> None:
    plan["reporter"]["runtime"] = "python3.8"


def a_function_with_every_action_of_sns(plan: Pipeline) -> None:
    plan["reporter-policy"]["policy"]["Statement"][0]["Action"] = ["sns:*"]


def a_function_with_the_role_of_another(plan: Pipeline) -> None:
    """Let the function use the role of the schedule, which could serve both."""
    plan["reporter"]["role"] = plan["start"]["target"]["roleArn"]
    _policy(plan, "start-policy").extend(_policy(plan, "reporter-policy"))
    plan["start-role"]["assumeRolePolicy"]["Statement"].extend(
        plan["reporter-role"]["assumeRolePolicy"]["Statement"]
    )


def a_function_that_drops_what_it_fails(plan: Pipeline) -> None:
    del plan["reporter"]["deadLetterConfig"]


def a_subscription_that_may_not_invoke(plan: Pipeline) -> None:
    del plan["reporter-permission"]


def a_permission_for_every_topic(plan: Pipeline) -> None:
    del plan["reporter-permission"]["sourceArn"]


def a_public_url(plan: Pipeline) -> None:
    plan["reporter-url"]["authorizationType"] = "NONE"


def a_function_without_a_log_group(plan: Pipeline) -> None:
    del plan["reporter-logs"]


def an_environment_in_the_clear(plan: Pipeline) -> None:
    del plan["reporter"]["kmsKeyArn"]


def an_invocation_without_a_timeout(plan: Pipeline) -> None:
    del state(plan, "Report")["TimeoutSeconds"]


def a_function_that_the_role_may_not_invoke(plan: Pipeline) -> None:
    _forbid(plan, "lambda:")


def invocations_that_are_not_counted(plan: Pipeline) -> None:
    del plan["pipeline"]["expected"]["month"]


# Roles of the machine's neighbours.


def a_start_that_the_role_may_not_make(plan: Pipeline) -> None:
    _take(plan, "start-policy", "states:StartExecution")


def a_start_of_another_machine(plan: Pipeline) -> None:
    _granting(plan, "start-policy", "states:StartExecution")["Resource"] = [
        arn("states", "stateMachine:maps")
    ]


def a_lost_start_that_the_role_may_not_keep(plan: Pipeline) -> None:
    _take(plan, "start-policy", "sqs:SendMessage")


def a_lost_start_for_another_queue(plan: Pipeline) -> None:
    _granting(plan, "start-policy", "sqs:SendMessage")["Resource"] = [arn("sqs", "maps-lost-starts")]


def a_lost_start_without_the_key_of_the_queue(plan: Pipeline) -> None:
    _take(plan, "start-policy", "kms:GenerateDataKey")


def an_upload_that_may_not_start_the_machine(plan: Pipeline) -> None:
    _take(plan, "upload-policy", "states:StartExecution")


def an_upload_without_a_role(plan: Pipeline) -> None:
    del plan["upload-target"]["roleArn"]


def an_image_that_the_start_role_may_not_pull(plan: Pipeline) -> None:
    _take(plan, "task-start-policy", "ecr:BatchGetImage")


def a_registry_that_lets_nobody_in(plan: Pipeline) -> None:
    _take(plan, "task-start-policy", "ecr:GetAuthorizationToken")


def an_image_of_another_repository(plan: Pipeline) -> None:
    _granting(plan, "task-start-policy", "ecr:BatchGetImage")["Resource"] = [arn("ecr", "repository/maps")]


def a_start_role_that_may_not_log(plan: Pipeline) -> None:
    _take(plan, "task-start-policy", "logs:CreateLogStream")


def a_log_group_without_its_streams(plan: Pipeline) -> None:
    """Name the log group's ARN as Pulumi returns it, without `:*`."""
    found = _granting(plan, "task-start-policy", "logs:PutLogEvents")
    found["Resource"] = [arn("logs", "log-group:/ecs/tiler")]


def a_start_role_that_may_not_read_the_secret(plan: Pipeline) -> None:
    _take(plan, "task-start-policy", "secretsmanager:GetSecretValue")


def an_answer_that_the_worker_may_not_give(plan: Pipeline) -> None:
    _take(plan, "task-policy", "states:SendTaskSuccess")


def a_heartbeat_that_the_worker_may_not_send(plan: Pipeline) -> None:
    _take(plan, "task-policy", "states:SendTaskHeartbeat")


def an_answer_to_another_machine(plan: Pipeline) -> None:
    _granting(plan, "task-policy", "states:SendTaskSuccess")["Resource"] = [
        arn("states", "stateMachine:maps")
    ]


def an_answer_that_is_denied(plan: Pipeline) -> None:
    _policy(plan, "task-policy").append({"Effect": "Deny", "Action": "states:*", "Resource": "*"})


def a_function_that_may_not_keep_what_it_fails(plan: Pipeline) -> None:
    _take(plan, "reporter-policy", "sqs:SendMessage")


def a_function_that_may_not_log(plan: Pipeline) -> None:
    _take(plan, "reporter-policy", "logs:PutLogEvents")


def a_worker_that_may_do_everything(plan: Pipeline) -> None:
    _policy(plan, "task-policy")[:] = [_allow(["*"], ["*"])]


def a_schedule_that_may_do_everything(plan: Pipeline) -> None:
    _policy(plan, "start-policy")[:] = [_allow(["*"], ["*"])]


def a_start_role_that_may_do_everything(plan: Pipeline) -> None:
    _policy(plan, "task-start-policy")[:] = [_allow(["*"], ["*"])]


def a_worker_that_is_an_administrator(plan: Pipeline) -> None:
    plan["task-role"]["managedPolicyArns"] = ["arn:aws:iam::aws:policy/AdministratorAccess"]


def a_worker_that_may_change_every_role(plan: Pipeline) -> None:
    _policy(plan, "task-policy").append(_allow(["iam:*"], ["*"]))


def an_upload_that_may_do_all_but_iam(plan: Pipeline) -> None:
    _policy(plan, "upload-policy")[:] = [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]


def a_machine_that_may_send_to_every_topic(plan: Pipeline) -> None:
    statement(plan, "sns:Publish")["Resource"] = ["*"]


def a_machine_that_may_pass_every_role(plan: Pipeline) -> None:
    statement(plan, "iam:PassRole")["Resource"] = [arn("iam", "role/*")]


def a_start_in_another_region(plan: Pipeline) -> None:
    _move(_granting(plan, "start-policy", "states:StartExecution"), "us-east-1", "eu-west-1")


def a_key_in_another_region(plan: Pipeline) -> None:
    _move(_granting(plan, "start-policy", "kms:Decrypt"), "us-east-1", "eu-west-1")


def a_key_in_another_account(plan: Pipeline) -> None:
    _move(_granting(plan, "start-policy", "kms:Decrypt"), "999988887777", "111122223333")


def a_queue_that_denies_the_role_of_the_schedule(plan: Pipeline) -> None:
    _policy(plan, "lost-starts-policy").append(_deny("role/tiles-start", "sqs:*"))


def a_key_that_denies_the_role_of_the_schedule(plan: Pipeline) -> None:
    _policy(plan, "key").append(_deny("role/tiles-start", "kms:*"))


def a_key_that_lets_in_other_roles(plan: Pipeline) -> None:
    """Admit the roles of the machine and the function in place of the account, and not the one of the schedule."""
    roles = [arn("iam", f"role/{name}") for name in ("tiles-machine", "tiles-reporter-role")]
    _policy(plan, "key")[0]["Principal"] = {"AWS": roles}


def a_topic_that_denies_the_machine(plan: Pipeline) -> None:
    _policy(plan, "news-policy").append(_deny("role/tiles-machine", "sns:Publish"))


def a_topic_that_denies_all_other_roles(plan: Pipeline) -> None:
    """Deny everyone except another role and the account, which excepts no other role of the account."""
    others = {"AWS": [arn("iam", "role/maps"), arn("iam", "root")], "Service": "cloudwatch.amazonaws.com"}
    _policy(plan, "news-policy").append(
        {"Effect": "Deny", "NotPrincipal": others, "Action": "sns:Publish", "Resource": "*"}
    )


def a_topic_that_denies_the_account(plan: Pipeline) -> None:
    _policy(plan, "news-policy").append(_deny("root", "sns:Publish"))


def an_answer_that_is_denied_with_tls(plan: Pipeline) -> None:
    """Deny what TLS protects, in place of what it does not."""
    _deny_answers(plan, {"Bool": {"aws:SecureTransport": "true"}})


def an_answer_that_is_denied_in_the_region(plan: Pipeline) -> None:
    _deny_answers(plan, {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}})


def a_key_for_another_service(plan: Pipeline) -> None:
    _granting(plan, "start-policy", "kms:Decrypt")["Condition"] = {
        "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    }


def a_key_with_another_alias(plan: Pipeline) -> None:
    _granting(plan, "start-policy", "kms:Decrypt")["Condition"] = {
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/maps"}
    }


def tasks_of_another_cluster(plan: Pipeline) -> None:
    statement(plan, "ecs:RunTask")["Condition"] = {
        "ArnEquals": {"ecs:cluster": arn("ecs", "cluster/maps-cluster")}
    }


def metrics_of_another_namespace(plan: Pipeline) -> None:
    statement(plan, "cloudwatch:PutMetricData")["Condition"] = {
        "StringEquals": {"cloudwatch:namespace": "Maps"}
    }


def a_task_role_for_instances(plan: Pipeline) -> None:
    _trust(plan, "task-role")["Principal"] = {"Service": "ec2.amazonaws.com"}


def a_start_role_for_functions(plan: Pipeline) -> None:
    _trust(plan, "task-start-role")["Principal"] = {"Service": "lambda.amazonaws.com"}


def a_machine_role_for_tasks(plan: Pipeline) -> None:
    _trust(plan, "machine-role")["Principal"] = {"Service": "ecs-tasks.amazonaws.com"}


def a_machine_role_for_another_machine(plan: Pipeline) -> None:
    _trust(plan, "machine-role")["Condition"] = {
        "ArnLike": {"aws:SourceArn": arn("states", "stateMachine:maps")}
    }


def a_machine_role_for_another_region(plan: Pipeline) -> None:
    _trust(plan, "machine-role")["Condition"] = {
        "ArnLike": {"aws:SourceArn": MACHINE_ARN.replace("eu-west-1", "us-east-1")}
    }


def a_schedule_role_for_a_group_of_another_region(plan: Pipeline) -> None:
    _schedule_group(plan, "eu-west-1", "us-east-1")


def a_schedule_role_for_a_group_of_another_account(plan: Pipeline) -> None:
    _schedule_group(plan, "111122223333", "999988887777")


def a_schedule_role_for_another_group(plan: Pipeline) -> None:
    _schedule_group(plan, "/tiles", "/maps")


def a_schedule_role_for_the_text_of_a_pattern(plan: Pipeline) -> None:
    _schedule_group(plan, "/tiles", "/t*")


def a_schedule_role_for_a_single_schedule(plan: Pipeline) -> None:
    _schedule_group(plan, "-group/tiles", "/tiles/tiles-weekly")


def a_schedule_role_that_denies(plan: Pipeline) -> None:
    plan["start-role"]["assumeRolePolicy"]["Statement"].append(
        {"Effect": "Deny", "Principal": "*", "Action": "sts:*"}
    )


def a_schedule_role_for_tags_only(plan: Pipeline) -> None:
    _trust(plan, "start-role")["Action"] = "sts:TagSession"


def an_upload_role_for_another_rule(plan: Pipeline) -> None:
    other = {"ArnLike": {"aws:SourceArn": arn("events", "rule/maps")}}
    _trust(plan, "upload-role")["Condition"] = other


def a_task_role_for_another_region(plan: Pipeline) -> None:
    other = {"ArnLike": {"aws:SourceArn": arn("ecs", "*").replace("eu-west-1", "us-east-1")}}
    _trust(plan, "task-role")["Condition"] = other


def an_upload_role_for_the_scheduler(plan: Pipeline) -> None:
    _trust(plan, "upload-role")["Principal"] = {"Service": "scheduler.amazonaws.com"}


def a_machine_role_for_the_text_of_a_pattern(plan: Pipeline) -> None:
    """Compare a pattern by `StringEquals`, for which a wildcard is plain text."""
    _trust(plan, "machine-role")["Condition"] = {
        "StringEquals": {"aws:SourceArn": arn("states", "stateMachine:*")}
    }


# Policies of topics, queues and keys.


def a_topic_that_no_alarm_may_use(plan: Pipeline) -> None:
    _policy(plan, "news-policy")[0]["Principal"] = {"Service": "budgets.amazonaws.com"}


def a_topic_for_other_alarms(plan: Pipeline) -> None:
    other = {"ArnLike": {"aws:SourceArn": arn("cloudwatch", "alarm:maps-*")}}
    _policy(plan, "news-policy")[0]["Condition"] = other


def a_topic_for_alarms_of_another_region(plan: Pipeline) -> None:
    other = arn("cloudwatch", "alarm:*").replace("eu-west-1", "us-east-1")
    _policy(plan, "news-policy")[0]["Condition"] = {"ArnLike": {"aws:SourceArn": other}}


def a_topic_for_the_text_of_a_pattern(plan: Pipeline) -> None:
    """Compare a pattern by `StringEquals`, for which a wildcard is plain text."""
    _policy(plan, "news-policy")[0]["Condition"] = {
        "StringEquals": {"aws:SourceArn": arn("cloudwatch", "alarm:*")}
    }


def a_topic_that_events_may_not_use(plan: Pipeline) -> None:
    """Send an event to a topic with SNS's default policy, which lets in only alarms."""
    del plan["news-policy"]
    plan["upload-target"]["arn"] = plan["news-mail"]["topic"]
    del plan["upload-target"]["roleArn"]


def a_queue_without_a_policy(plan: Pipeline) -> None:
    del plan["lost-starts-policy"]


def a_queue_for_another_rule(plan: Pipeline) -> None:
    other = {"ArnEquals": {"aws:SourceArn": arn("events", "rule/maps-uploaded")}}
    _policy(plan, "lost-starts-policy")[0]["Condition"] = other


def a_queue_that_may_only_be_read(plan: Pipeline) -> None:
    _policy(plan, "lost-starts-policy")[0]["Action"] = ["sqs:ReceiveMessage"]


def a_key_that_no_alarm_may_use(plan: Pipeline) -> None:
    _without_statement_for(plan, "cloudwatch.amazonaws.com")


def a_key_that_no_event_may_use(plan: Pipeline) -> None:
    _without_statement_for(plan, "events.amazonaws.com")


def a_key_that_no_log_may_use(plan: Pipeline) -> None:
    _without_statement_for(plan, "logs.eu-west-1.amazonaws.com")


def a_key_for_events_with_a_source(plan: Pipeline) -> None:
    """EventBridge sends no source when it uses the key of a queue."""
    found = next(one for one in _policy(plan, "key") if "events" in str(one["Principal"]))
    found["Condition"] = {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def a_topic_with_the_key_of_aws(plan: Pipeline) -> None:
    plan["news"]["kmsMasterKeyId"] = "alias/aws/sns"


def a_key_that_is_switched_off(plan: Pipeline) -> None:
    plan["key"]["isEnabled"] = False


def a_key_without_a_policy(plan: Pipeline) -> None:
    del plan["key"]["policy"]


# Policies that are open.


def a_topic_for_everyone(plan: Pipeline) -> None:
    _policy(plan, "news-policy").append(_everyone("sns:Publish"))


def a_queue_for_everyone(plan: Pipeline) -> None:
    _policy(plan, "lost-starts-policy").append(_everyone("sqs:SendMessage"))


def a_queue_for_everyone_with_tls(plan: Pipeline) -> None:
    """Limit the transport, which does not limit who sends."""
    condition = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    _policy(plan, "lost-starts-policy").append(_everyone("sqs:SendMessage") | condition)


def a_topic_for_the_buckets_of_everyone(plan: Pipeline) -> None:
    """Limit the sources by a pattern that leaves their account open."""
    condition = {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:*"}}}
    _policy(plan, "news-policy").append(_everyone("sns:Publish") | condition)


def a_topic_for_another_account(plan: Pipeline) -> None:
    """Name the account in a condition, not as the principal."""
    condition = {"Condition": {"StringEquals": {"aws:PrincipalAccount": "999988887777"}}}
    _policy(plan, "news-policy").append(_everyone("sns:Publish") | condition)


def a_key_for_another_account(plan: Pipeline) -> None:
    other = {"AWS": "arn:aws:iam::999988887777:root"}
    _policy(plan, "key").append(_everyone("kms:Decrypt") | {"Principal": other})


def a_role_for_another_account(plan: Pipeline) -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "999988887777"}}
    plan["task-role"]["assumeRolePolicy"]["Statement"].append(trust)


def a_function_for_everyone(plan: Pipeline) -> None:
    plan["worker-permission"] = {
        "action": "lambda:InvokeFunction",
        "function": "tiles-reporter",
        "principal": "*",
    }


def a_queue_for_the_events_of_any_bucket(plan: Pipeline) -> None:
    """Let in S3 without a source: the buckets of other accounts can make it send, too."""
    service = {"Principal": {"Service": "s3.amazonaws.com"}}
    _policy(plan, "lost-starts-policy").append(_everyone("sqs:SendMessage") | service)


def a_function_for_the_events_of_any_bucket(plan: Pipeline) -> None:
    plan["worker-permission"] = {
        "action": "lambda:InvokeFunction",
        "function": "tiles-reporter",
        "principal": "s3.amazonaws.com",
    }


def a_role_for_every_repository(plan: Pipeline) -> None:
    """Trust GitHub's tokens by their audience, which every repository may choose."""
    _by_token(plan, {"StringEquals": {f"{_GITHUB}:aud": "sts.amazonaws.com"}})


def a_role_for_every_repository_by_a_pattern(plan: Pipeline) -> None:
    _by_token(plan, {"StringLike": {f"{_GITHUB}:sub": "repo:*"}})


def a_role_for_every_token(plan: Pipeline) -> None:
    _by_token(plan, {})


_GITHUB = "token.actions.githubusercontent.com"


def _by_token(plan: Pipeline, condition: dict[str, Any]) -> None:
    plan["task-role"]["assumeRolePolicy"]["Statement"].append(
        {
            "Effect": "Allow",
            "Principal": {"Federated": arn("iam", f"oidc-provider/{_GITHUB}")},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": condition,
        }
    )


def a_bucket_with_an_open_policy_of_its_own(plan: Pipeline) -> None:
    document = {"Version": "2012-10-17", "Statement": [_everyone("s3:GetObject")]}
    plan["bucket"] = {"bucket": "tiles-maps", "policy": document, "tags": plan["news"]["tags"]}


def a_bucket_with_an_open_acl(plan: Pipeline) -> None:
    plan["bucket"] = {"bucket": "tiles-maps", "acl": "public-read", "tags": plan["news"]["tags"]}


def an_event_bus_for_everyone(plan: Pipeline) -> None:
    plan["bus-permission"] = {"principal": "*", "statementId": "everyone"}


def _everyone(action: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}


# Events, schedules, networks and names.


def an_event_with_a_status_that_ecs_does_not_have(plan: Pipeline) -> None:
    plan["stopped-rule"]["eventPattern"]["detail"]["lastStatus"] = ["STOPED"]


def an_event_with_the_status_of_another_service(plan: Pipeline) -> None:
    plan["stopped-rule"]["eventPattern"] = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"status": ["FAILED", "TIMEOUT"]},
    }


def an_event_of_a_type_that_ecs_does_not_send(plan: Pipeline) -> None:
    plan["stopped-rule"]["eventPattern"]["detail-type"] = ["ECS Task Stopped"]


def an_event_in_the_wrong_case(plan: Pipeline) -> None:
    plan["upload-rule"]["eventPattern"]["detail-type"] = ["Object created"]


def an_event_from_a_service_with_a_typing_error(plan: Pipeline) -> None:
    _pattern(plan)["source"] = ["aws.ec"]


def an_event_from_a_service_by_its_product_name(plan: Pipeline) -> None:
    """Step Functions sends its events as `aws.states`."""
    plan["stopped-rule"]["eventPattern"] = {
        "source": ["aws.stepfunctions"],
        "detail-type": ["Step Functions Execution Status Change"],
    }


def an_event_with_a_field_in_the_wrong_case(plan: Pipeline) -> None:
    _pattern(plan)["detail"] = {"laststatus": ["STOPPED"]}


def an_event_with_the_field_of_another_service(plan: Pipeline) -> None:
    _pattern(plan)["detail"] = {"status": ["STOPPED"]}


def an_event_with_the_type_in_camel_case(plan: Pipeline) -> None:
    _pattern(plan)["detailType"] = _pattern(plan).pop("detail-type")


def an_event_with_a_value_outside_of_a_list(plan: Pipeline) -> None:
    _pattern(plan)["detail"]["lastStatus"] = "STOPPED"


def an_event_with_a_source_outside_of_a_list(plan: Pipeline) -> None:
    _pattern(plan)["source"] = "aws.ecs"


def an_event_with_an_empty_list(plan: Pipeline) -> None:
    _pattern(plan)["detail"]["lastStatus"] = []


def an_event_with_a_filter_that_does_not_exist(plan: Pipeline) -> None:
    _pattern(plan)["detail"]["lastStatus"] = [{"starts-with": "STOP"}]


def an_event_with_a_prefix_that_no_status_has(plan: Pipeline) -> None:
    _pattern(plan)["detail"]["lastStatus"] = [{"prefix": "STOPED"}]


def an_event_with_a_status_that_is_wrong_in_any_case(plan: Pipeline) -> None:
    _pattern(plan)["detail"]["lastStatus"] = [{"equals-ignore-case": "stoped"}]


def an_event_with_a_wrong_alternative(plan: Pipeline) -> None:
    _pattern(plan)["detail"] = {"$or": [{"lastStatus": ["STOPED"]}, {"stopCode": ["UserInitiated"]}]}


def an_event_that_excludes_every_status(plan: Pipeline) -> None:
    _pattern(plan)["source"] = ["aws.states"]
    _pattern(plan)["detail-type"] = ["Step Functions Execution Status Change"]
    _pattern(plan)["detail"] = {"status": [{"anything-but": {"prefix": ["RUN", "S", "F", "T", "A", "P"]}}]}


def an_event_of_a_bucket_that_sends_none(plan: Pipeline) -> None:
    """S3 sends events to EventBridge only if the bucket's notifications say so."""
    plan["bucket"] = {"bucket": "tiles-uploads", "tags": plan["news"]["tags"]}
    plan["upload-rule"]["eventPattern"]["detail"] = {"bucket": {"name": ["tiles-uploads"]}}


def an_event_of_another_machine(plan: Pipeline) -> None:
    _on_machine(plan, arn("states", "stateMachine:maps"))


def an_event_of_another_region(plan: Pipeline) -> None:
    _on_machine(plan, "arn:aws:states:us-east-1:111122223333:stateMachine:tiles")


def _on_machine(plan: Pipeline, machine: str) -> None:
    plan["stopped-rule"]["eventPattern"] = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [machine], "status": ["FAILED"]},
    }


def _pattern(plan: Pipeline) -> dict[str, Any]:
    """Return the event pattern of the rule on stopped tasks."""
    found: dict[str, Any] = plan["stopped-rule"]["eventPattern"]
    return found


def an_event_that_is_lost(plan: Pipeline) -> None:
    del plan["upload-target"]["deadLetterConfig"]


def an_event_that_is_tried_once(plan: Pipeline) -> None:
    plan["upload-target"]["retryPolicy"]["maximumRetryAttempts"] = 0


def a_second_start_an_hour_later(plan: Pipeline) -> None:
    plan["second-start"] = {
        **plan["start"],
        "name": "tiles-again",
        "scheduleExpression": "cron(0 7 ? * MON *)",
    }


def a_second_start_after_the_timeout_alone(plan: Pipeline) -> None:
    """Leave the machine's 6 hours between the two, and nothing for the first schedule's window of 15 minutes."""
    plan["second-start"] = {
        **plan["start"],
        "name": "tiles-noon",
        "scheduleExpression": "cron(0 12 ? * MON *)",
    }


def a_second_start_in_another_zone(plan: Pipeline) -> None:
    """Two starts at the same moment: 06:00 in Dublin is 07:00 in Berlin."""
    plan["second-start"] = {
        **plan["start"],
        "name": "tiles-berlin",
        "scheduleExpression": "cron(0 7 ? * MON *)",
        "scheduleExpressionTimezone": "Europe/Berlin",
    }


def a_second_start_at_a_rate(plan: Pipeline) -> None:
    plan["second-start"] = {**plan["start"], "name": "tiles-rate", "scheduleExpression": "rate(7 days)"}


def a_schedule_that_is_off(plan: Pipeline) -> None:
    plan["start"]["state"] = "DISABLED"


def a_rule_that_is_off(plan: Pipeline) -> None:
    plan["upload-rule"]["state"] = "DISABLED"


def tasks_without_an_address(plan: Pipeline) -> None:
    _awsvpc(plan)["AssignPublicIp"] = "DISABLED"


def tasks_whose_address_is_not_set(plan: Pipeline) -> None:
    del _awsvpc(plan)["AssignPublicIp"]


def private_tasks_without_a_way_out(plan: Pipeline) -> None:
    del plan["way-out"]
    for found in (_awsvpc(plan), _awsvpc(plan, state(plan, "Check"))):
        found["AssignPublicIp"] = "DISABLED"


def a_security_group_without_egress(plan: Pipeline) -> None:
    del plan["workers-https"]


def a_security_group_for_http_only(plan: Pipeline) -> None:
    plan["workers-https"] |= {"fromPort": 80, "toPort": 80}


def tasks_with_an_address_and_no_route(plan: Pipeline) -> None:
    del plan["way-out"]


def a_security_group_for_the_network_only(plan: Pipeline) -> None:
    plan["workers-https"]["cidrIpv4"] = "10.0.0.0/16"


def a_security_group_for_ipv6_only(plan: Pipeline) -> None:
    """Allow IPv6 out of a subnet that has none."""
    del plan["workers-https"]["cidrIpv4"]
    plan["workers-https"]["cidrIpv6"] = "::/0"


def a_route_for_ipv6_only(plan: Pipeline) -> None:
    del plan["way-out"]["destinationCidrBlock"]
    plan["way-out"]["destinationIpv6CidrBlock"] = "::/0"


def a_capacity_provider_that_the_cluster_lacks(plan: Pipeline) -> None:
    plan["cluster-capacity"]["capacityProviders"] = ["FARGATE_SPOT"]


def a_cluster_without_capacity_providers(plan: Pipeline) -> None:
    del plan["cluster-capacity"]


def a_launch_type_beside_a_strategy(plan: Pipeline) -> None:
    work(plan)["Arguments"]["LaunchType"] = "FARGATE"


def a_task_without_a_launch_type(plan: Pipeline) -> None:
    """Without a default strategy of the cluster, the task starts on EC2."""
    del _check(plan)["LaunchType"]


def a_task_on_instances_that_nobody_starts(plan: Pipeline) -> None:
    _check(plan)["LaunchType"] = "EC2"


def a_task_definition_for_instances_only(plan: Pipeline) -> None:
    plan["task"]["requiresCompatibilities"] = ["EC2"]


def a_strategy_without_a_weight(plan: Pipeline) -> None:
    work(plan)["Arguments"]["CapacityProviderStrategy"][0]["Weight"] = 0


def a_strategy_with_two_bases(plan: Pipeline) -> None:
    work(plan)["Arguments"]["CapacityProviderStrategy"] = [
        {"CapacityProvider": provider, "Base": 1, "Weight": 1} for provider in ("FARGATE", "FARGATE_SPOT")
    ]


def a_task_without_a_network(plan: Pipeline) -> None:
    del _check(plan)["NetworkConfiguration"]


def a_service_on_spot_that_the_cluster_lacks(plan: Pipeline) -> None:
    plan["cluster-capacity"]["capacityProviders"] = ["FARGATE"]
    plan["service"] = {
        "cluster": arn("ecs", "cluster/tiles-cluster"),
        "taskDefinition": "tiler",
        "desiredCount": 0,
        "capacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
        "networkConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": True},
        "tags": plan["news"]["tags"],
    }


def _check(plan: Pipeline) -> dict[str, Any]:
    """Return the arguments of the state that runs a task by a launch type."""
    found: dict[str, Any] = state(plan, "Check")["Arguments"]
    return found


def a_log_group_with_a_typing_error(plan: Pipeline) -> None:
    """Name another log group, which the start role may write to."""
    _log_to(plan, "/ecs/tilers")


def a_queue_of_another_region(plan: Pipeline) -> None:
    """Keep lost starts in a queue of another region, which the role may use."""
    other = QUEUE_ARN.replace("eu-west-1", "us-east-1")
    plan["start"]["target"]["deadLetterConfig"]["arn"] = other
    _granting(plan, "start-policy", "sqs:SendMessage")["Resource"] = [other]


def a_log_group_that_nobody_creates(plan: Pipeline) -> None:
    _log_to(plan, "/acme/containers")


def a_log_group_of_a_filter_with_a_typing_error(plan: Pipeline) -> None:
    plan["errors"] = {
        "logGroupName": "/ecs/tilr",
        "name": "errors",
        "pattern": "ERROR",
        "metricTransformation": {"name": "Errors", "namespace": "Tiles", "value": "1"},
    }


def a_machine_that_logs_without_streams(plan: Pipeline) -> None:
    """Name the log group's ARN as Pulumi returns it, without `:*`."""
    logging = plan["machine"]["loggingConfiguration"]
    logging["logDestination"] = logging["logDestination"].removesuffix(":*")


def a_queue_of_a_subscription_with_a_typing_error(plan: Pipeline) -> None:
    plan["reporter-events"]["redrivePolicy"] = f'{{"deadLetterTargetArn": "{arn("sqs", "tiles-lost")}"}}'


def a_queue_in_order_for_lost_starts(plan: Pipeline) -> None:
    """EventBridge accepts only a standard queue."""
    plan["lost-starts"]["fifoQueue"] = True


def a_queue_that_forgets_in_a_minute(plan: Pipeline) -> None:
    plan["lost-starts"]["messageRetentionSeconds"] = 60


def a_topic_in_place_of_a_queue(plan: Pipeline) -> None:
    plan["upload-target"]["deadLetterConfig"]["arn"] = arn("sns", "tiles-news")


def a_lost_start_for_a_topic(plan: Pipeline) -> None:
    plan["start"]["target"]["deadLetterConfig"]["arn"] = arn("sns", "tiles-news")


def a_message_to_a_topic_with_a_typing_error(plan: Pipeline) -> None:
    """Allow the machine to publish to it, as a policy that is copied from the state does."""
    topic = arn("sns", "tiles-new")
    state(plan, "Tell")["Arguments"]["TopicArn"] = topic
    statement(plan, "sns:Publish")["Resource"].append(topic)


def an_alarm_on_a_queue_with_a_typing_error(plan: Pipeline) -> None:
    plan["start-lost"]["dimensions"] = {"QueueName": "tiles-lost-start"}


def an_alarm_on_the_arn_of_a_queue(plan: Pipeline) -> None:
    plan["start-lost"]["dimensions"] = {"QueueName": arn("sqs", "tiles-late-starts")}


def an_alarm_on_another_machine(plan: Pipeline) -> None:
    plan["slow"]["dimensions"] = {"StateMachineArn": arn("states", "stateMachine:maps")}


def an_alarm_on_the_name_of_a_machine(plan: Pipeline) -> None:
    plan["slow"]["dimensions"] = {"StateMachineArn": "tiler"}


def an_alarm_that_notifies_a_topic_with_a_typing_error(plan: Pipeline) -> None:
    plan["start-lost"]["alarmActions"] = [arn("sns", "tiles-new")]


def _log_to(plan: Pipeline, group: str) -> None:
    container(plan)["logConfiguration"]["options"]["awslogs-group"] = group
    found = _granting(plan, "task-start-policy", "logs:PutLogEvents")
    found["Resource"] = [arn("logs", f"log-group:{group}:*")]


def _awsvpc(plan: Pipeline, of: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the network of a state that runs a task, by default of the one that works on a tile."""
    found: dict[str, Any] = (of or work(plan))["Arguments"]["NetworkConfiguration"]["AwsvpcConfiguration"]
    return found


# States and alarms.


def a_check_whose_failure_is_not_caught(plan: Pipeline) -> None:
    del state(plan, "Check")["Catch"]


def work_whose_failure_is_not_caught(plan: Pipeline) -> None:
    del state(plan, "Tiles")["Catch"]


def a_catch_of_one_error(plan: Pipeline) -> None:
    state(plan, "Check")["Catch"][0]["ErrorEquals"] = ["States.Timeout"]


def a_choice_without_a_default(plan: Pipeline) -> None:
    del state(plan, "AnyTiles?")["Default"]


def an_alarm_in_seconds(plan: Pipeline) -> None:
    plan["slow"]["threshold"] = 10_800


def an_alarm_in_another_unit(plan: Pipeline) -> None:
    plan["slow"]["unit"] = "Seconds"


def an_alarm_by_a_dimension_that_is_not_published(plan: Pipeline) -> None:
    plan["few-tiles"]["dimensions"] = {"Pipeline": "tiles"}


def an_alarm_on_the_metric_of_no_state(plan: Pipeline) -> None:
    plan["few-tiles"]["metricName"] = "TilesFailed"


def _policy(plan: Pipeline, name: str) -> list[dict[str, Any]]:
    """Return the statements of a policy."""
    found: list[dict[str, Any]] = plan[name]["policy"]["Statement"]
    return found


def _granting(plan: Pipeline, name: str, action: str) -> dict[str, Any]:
    """Return the statement of a policy that allows an action."""
    return next(found for found in _policy(plan, name) if action in found["Action"])


def _deny(principal: str, action: str) -> dict[str, Any]:
    """Return a statement of a resource's policy that denies an action to a role or to the account."""
    principals = {"Principal": {"AWS": arn("iam", principal)}}
    return {"Effect": "Deny", **principals, "Action": action, "Resource": "*"}


def _deny_answers(plan: Pipeline, condition: dict[str, Any]) -> None:
    denied = {"Effect": "Deny", "Action": "states:*", "Resource": "*", "Condition": condition}
    _policy(plan, "task-policy").append(denied)


def _move(granted: dict[str, Any], to: str, from_: str) -> None:
    """Write another region or account in the resources of a statement."""
    granted["Resource"] = [resource.replace(from_, to) for resource in granted["Resource"]]


def _allow(actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def _take(plan: Pipeline, name: str, action: str) -> None:
    """Remove an action from a policy."""
    found = _granting(plan, name, action)
    found["Action"] = [one for one in found["Action"] if one != action] or ["s3:ListAllMyBuckets"]


def _trust(plan: Pipeline, name: str) -> dict[str, Any]:
    """Return the statement of a role's trust policy."""
    found: dict[str, Any] = plan[name]["assumeRolePolicy"]["Statement"][0]
    return found


def _schedule_group(plan: Pipeline, text: str, to: str) -> None:
    """Write another schedule group in the trust of the schedule's role."""
    condition = _trust(plan, "start-role")["Condition"]["StringEquals"]
    condition["aws:SourceArn"] = condition["aws:SourceArn"].replace(text, to)


def _without_statement_for(plan: Pipeline, service: str) -> None:
    """Remove from the key's policy the statement for a service."""
    statements = plan["key"]["policy"]["Statement"]
    statements[:] = [one for one in statements if one["Principal"] != {"Service": service}]


FAULTS: Mapping[str, tuple[Mutation, ...]] = {
    "machine-states-bounded": (
        items_that_nobody_bounds,
        a_wait_until_a_time_in_the_input,
        a_loop_without_a_counter,
    ),
    "machine-worst-case-within-timeout": (a_machine_without_a_timeout, two_tries_that_do_not_fit),
    "machine-timeout-within-period": (
        a_schedule_that_is_faster_than_the_machine,
        a_second_start_an_hour_later,
        a_second_start_after_the_timeout_alone,
        a_second_start_in_another_zone,
        a_second_start_at_a_rate,
    ),
    "task-attempt-bounded": (
        a_task_without_a_timeout,
        a_timeout_from_the_input,
        an_invocation_without_a_timeout,
    ),
    "task-callback-heartbeat": (
        a_callback_without_a_heartbeat,
        a_heartbeat_that_a_cold_start_misses,
        a_heartbeat_of_a_task_that_has_none,
        a_callback_that_is_told_no_token,
    ),
    "task-retries-bounded": (a_retry_without_end,),
    "task-retries-what-passes": (an_error_that_no_retry_cures, an_error_that_ecs_never_raises),
    "capacity-errors-retried": (no_retry_of_missing_capacity,),
    "notification-failure-caught": (a_message_whose_failure_hides_the_run, a_message_that_is_tried_once),
    "map-concurrency-bounded": (a_map_without_a_concurrency,),
    "machine-within-quotas": (a_state_with_a_name_that_is_too_long,),
    "container-stop-timeout": (a_container_that_has_no_time_to_stop,),
    "override-names-container": (a_container_that_is_not_there,),
    "task-size-valid": (a_size_that_fargate_does_not_run,),
    "override-size-valid": (an_override_below_the_task, an_override_that_fargate_does_not_run),
    "machine-role-allows-calls": (
        an_action_that_the_role_misses,
        no_rule_for_a_synchronous_task,
        no_key_for_an_encrypted_topic,
        a_message_to_a_topic_that_the_role_may_not_use,
        a_function_that_the_role_may_not_invoke,
        a_topic_that_denies_the_machine,
        a_topic_that_denies_the_account,
        tasks_of_another_cluster,
        metrics_of_another_namespace,
        a_topic_that_denies_all_other_roles,
    ),
    "machine-role-allows-no-more": (every_action_of_a_service, an_action_that_no_state_calls),
    "machine-end-alarmed": (
        a_bad_end_that_nobody_is_told,
        an_alarm_that_tells_nobody,
        an_alarm_that_one_failure_does_not_ring,
        an_alarm_that_rings_while_nothing_fails,
        an_alarm_that_waits_for_three_failures,
    ),
    "alarm-metric-exists": (
        an_alarm_on_a_metric_that_is_not_there,
        an_alarm_on_a_metric_that_nobody_publishes,
        an_alarm_by_a_dimension_that_is_not_published,
        an_alarm_on_the_metric_of_no_state,
    ),
    "alarm-can-fire": (
        an_alarm_above_the_timeout,
        an_alarm_above_the_timeout_of_a_function,
        an_alarm_on_the_age_of_a_message_in_milliseconds,
        an_alarm_with_a_period_of_a_minute_and_a_half,
    ),
    "schedule-recovers-lost-starts": (
        a_start_that_is_lost_without_a_trace,
        a_start_that_may_be_a_day_late,
    ),
    "rule-input-not-substituted": (a_keyword_of_the_scheduler_in_a_rule,),
    "schedule-role-scoped": (a_role_that_any_schedule_may_take, a_schedule_in_the_default_group),
    "topic-has-subscriber": (a_topic_that_nobody_reads,),
    "subscription-not-chat-webhook": (a_chat_subscribed_to_a_topic,),
    "image-pinned": (an_image_that_changes, a_tag_that_can_be_moved),
    "prices-known": (a_region_without_prices,),
    "resources-priced": (a_database_that_is_in_no_total,),
    "runs-per-month-within-limit": (starts_that_nobody_counts,),
    "run-cost-worst-within-limit": (many_tiles_with_more_memory,),
    "task-size-within-limit": (a_task_of_sixteen_vcpus,),
    "month-cost-expected-within-limit": (more_logs_than_anybody_reads,),
    "month-cost-worst-within-limit": (
        thirty_starts_a_day,
        a_budget_that_the_stack_can_exceed,
        invocations_that_are_not_counted,
    ),
    "nat-gateways-allowed": (a_nat_gateway,),
    "interface-endpoints-allowed": (an_endpoint_in_two_zones,),
    "watching-within-free-tier": (four_dashboards,),
    "machine-traced": (a_machine_without_traces,),
    "machine-logged": (a_machine_without_logs, a_machine_that_logs_without_streams),
    "log-retention-set": (logs_for_ever,),
    "function-timeout-within-limit": (a_function_that_runs_for_minutes,),
    "function-memory-within-limit": (a_function_with_much_memory,),
    "function-can-run": (a_function_that_never_runs,),
    "function-runtime-supported": (a_runtime_without_patches,),
    "function-role-scoped": (a_function_with_every_action_of_sns, a_function_with_the_role_of_another),
    "function-keeps-failed-events": (a_function_that_drops_what_it_fails,),
    "subscription-may-invoke-function": (a_subscription_that_may_not_invoke, a_permission_for_every_topic),
    "function-url-authenticated": (a_public_url,),
    "function-log-group-defined": (a_function_without_a_log_group,),
    "role-allows-its-user": (
        a_start_that_the_role_may_not_make,
        a_start_of_another_machine,
        a_lost_start_that_the_role_may_not_keep,
        a_lost_start_for_another_queue,
        a_lost_start_without_the_key_of_the_queue,
        an_upload_that_may_not_start_the_machine,
        an_upload_without_a_role,
        an_image_that_the_start_role_may_not_pull,
        a_registry_that_lets_nobody_in,
        an_image_of_another_repository,
        a_start_role_that_may_not_log,
        a_log_group_without_its_streams,
        a_start_role_that_may_not_read_the_secret,
        an_answer_that_the_worker_may_not_give,
        a_heartbeat_that_the_worker_may_not_send,
        an_answer_to_another_machine,
        an_answer_that_is_denied,
        a_function_that_may_not_keep_what_it_fails,
        a_function_that_may_not_log,
        a_start_in_another_region,
        a_key_in_another_region,
        a_key_in_another_account,
        a_queue_that_denies_the_role_of_the_schedule,
        a_key_that_denies_the_role_of_the_schedule,
        a_key_that_lets_in_other_roles,
        an_answer_that_is_denied_with_tls,
        an_answer_that_is_denied_in_the_region,
        a_key_for_another_service,
        a_key_with_another_alias,
    ),
    "role-names-resources": (
        a_worker_that_may_do_everything,
        a_schedule_that_may_do_everything,
        a_start_role_that_may_do_everything,
        a_worker_that_is_an_administrator,
        a_worker_that_may_change_every_role,
        an_upload_that_may_do_all_but_iam,
        a_machine_that_may_send_to_every_topic,
        a_machine_that_may_pass_every_role,
    ),
    "role-trusts-its-user": (
        a_task_role_for_instances,
        a_start_role_for_functions,
        a_machine_role_for_tasks,
        a_machine_role_for_another_machine,
        an_upload_role_for_the_scheduler,
        a_machine_role_for_the_text_of_a_pattern,
        a_machine_role_for_another_region,
        a_schedule_role_for_a_group_of_another_region,
        a_schedule_role_for_a_group_of_another_account,
        a_schedule_role_for_another_group,
        a_schedule_role_for_the_text_of_a_pattern,
        a_schedule_role_for_a_single_schedule,
        a_schedule_role_that_denies,
        a_schedule_role_for_tags_only,
        an_upload_role_for_another_rule,
        a_task_role_for_another_region,
    ),
    "policy-admits-senders": (
        a_topic_that_no_alarm_may_use,
        a_topic_for_other_alarms,
        a_topic_for_the_text_of_a_pattern,
        a_topic_that_events_may_not_use,
        a_queue_without_a_policy,
        a_queue_for_another_rule,
        a_queue_that_may_only_be_read,
        a_topic_for_alarms_of_another_region,
    ),
    "key-admits-senders": (
        a_key_that_no_alarm_may_use,
        a_key_that_no_event_may_use,
        a_key_that_no_log_may_use,
        a_key_for_events_with_a_source,
        a_topic_with_the_key_of_aws,
        a_key_without_a_policy,
        a_key_that_is_switched_off,
    ),
    "policy-not-public": (
        a_topic_for_everyone,
        a_queue_for_everyone,
        a_queue_for_everyone_with_tls,
        a_topic_for_the_buckets_of_everyone,
        a_topic_for_another_account,
        a_key_for_another_account,
        a_role_for_another_account,
        a_function_for_everyone,
        a_queue_for_the_events_of_any_bucket,
        a_function_for_the_events_of_any_bucket,
        a_role_for_every_repository,
        a_role_for_every_repository_by_a_pattern,
        a_role_for_every_token,
        a_bucket_with_an_open_policy_of_its_own,
        a_bucket_with_an_open_acl,
        an_event_bus_for_everyone,
    ),
    "event-pattern-matches": (
        an_event_with_a_status_that_ecs_does_not_have,
        an_event_with_the_status_of_another_service,
        an_event_of_a_type_that_ecs_does_not_send,
        an_event_in_the_wrong_case,
        an_event_from_a_service_with_a_typing_error,
        an_event_from_a_service_by_its_product_name,
        an_event_with_a_field_in_the_wrong_case,
        an_event_with_the_field_of_another_service,
        an_event_with_the_type_in_camel_case,
        an_event_with_a_value_outside_of_a_list,
        an_event_with_a_source_outside_of_a_list,
        an_event_with_an_empty_list,
        an_event_with_a_filter_that_does_not_exist,
        an_event_with_a_prefix_that_no_status_has,
        an_event_with_a_status_that_is_wrong_in_any_case,
        an_event_with_a_wrong_alternative,
        an_event_that_excludes_every_status,
        an_event_of_a_bucket_that_sends_none,
    ),
    "event-recovers-lost-starts": (an_event_that_is_lost, an_event_that_is_tried_once),
    "dead-letter-queue-usable": (a_queue_in_order_for_lost_starts, a_queue_that_forgets_in_a_minute),
    "schedule-enabled": (a_schedule_that_is_off, a_rule_that_is_off),
    "task-reaches-registry": (
        tasks_without_an_address,
        tasks_whose_address_is_not_set,
        private_tasks_without_a_way_out,
        a_security_group_without_egress,
        a_security_group_for_http_only,
        tasks_with_an_address_and_no_route,
        a_security_group_for_the_network_only,
        a_security_group_for_ipv6_only,
        a_route_for_ipv6_only,
    ),
    "task-capacity-provided": (
        a_capacity_provider_that_the_cluster_lacks,
        a_cluster_without_capacity_providers,
        a_launch_type_beside_a_strategy,
        a_task_without_a_launch_type,
        a_task_on_instances_that_nobody_starts,
        a_task_definition_for_instances_only,
        a_strategy_without_a_weight,
        a_strategy_with_two_bases,
        a_task_without_a_network,
        a_service_on_spot_that_the_cluster_lacks,
    ),
    "named-resource-exists": (
        a_log_group_with_a_typing_error,
        a_log_group_that_nobody_creates,
        a_log_group_of_a_filter_with_a_typing_error,
        a_queue_of_another_region,
        a_queue_of_a_subscription_with_a_typing_error,
        a_topic_in_place_of_a_queue,
        a_lost_start_for_a_topic,
        a_message_to_a_topic_with_a_typing_error,
        an_event_of_another_machine,
        an_event_of_another_region,
        an_alarm_on_a_queue_with_a_typing_error,
        an_alarm_on_the_arn_of_a_queue,
        an_alarm_on_another_machine,
        an_alarm_on_the_name_of_a_machine,
        an_alarm_that_notifies_a_topic_with_a_typing_error,
    ),
    "work-failure-caught": (
        a_check_whose_failure_is_not_caught,
        work_whose_failure_is_not_caught,
        a_catch_of_one_error,
    ),
    "choice-has-default": (a_choice_without_a_default,),
    "alarm-in-unit-of-metric": (an_alarm_in_seconds, an_alarm_in_another_unit),
    "tags-required": (a_tag_that_is_missing,),
    "encrypted-at-rest": (a_topic_in_the_clear, an_environment_in_the_clear),
}
"""The mutations that one rule refuses, and only that one, by its name."""
