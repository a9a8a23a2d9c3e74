"""A stack's settings and an execution's outcome, as the tests of the reporter vary them."""

from dataclasses import replace
from typing import Any

from reporter.outcome import Outcome
from reporter.settings import Settings

MACHINE = "arn:aws:states:us-east-1:111111111111:stateMachine:ccapi-weekly-monitoring-prod"
EXECUTION = "arn:aws:states:us-east-1:111111111111:execution:ccapi-weekly-monitoring-prod:by-hand"
CONSOLE = "https://us-east-1.console.aws.amazon.com"

SETTINGS = Settings(
    project="ccapi",
    environment="prod",
    aws_region="us-east-1",
    console=CONSOLE,
    machine_arn=MACHINE,
    watch_arn="arn:aws:states:us-east-1:111111111111:stateMachine:ccapi-watch-prod",
    success_topic_arn="arn:aws:sns:us-east-1:111111111111:ccapi-pipeline-success-prod",
    failure_topic_arn="arn:aws:sns:us-east-1:111111111111:ccapi-pipeline-failure-prod",
    alarms_topic_arn="arn:aws:sns:us-east-1:111111111111:ccapi-pipeline-alarms-prod",
    undelivered_queue_url="https://sqs.us-east-1.amazonaws.com/111111111111/ccapi-undelivered-prod",
    reports_bucket="ccapi-reports-prod-111111111111",
    cache_bucket="ccapi-cache-prod-111111111111",
    worker_log_group="/aws/ecs/ccapi-prod",
    schedule_queue="ccapi-schedule-dlq-prod",
    watch_queue="ccapi-watch-dlq-prod",
    dashboard_url=f"{CONSOLE}/cloudwatch/home?region=us-east-1#dashboards:name=CloudClearingAPI-prod",
    timeout_seconds=43_200,
    missed_after_hours=192,
    resumes=True,
    worker_sizes=("2 vCPU with 4 GB", "2 vCPU with 8 GB"),
    contact="operations@example.com",
)

OUTCOME = Outcome(
    status="succeeded",
    run_id="2026-W48",
    period="2026-W47",
    execution=EXECUTION,
    input={"regions_count": 29, "enable_scraping": False, "scheduled_time": "2026-11-23T06:00:00Z"},
    start_time="2026-11-23T06:00:12.345Z",
    duration_seconds=3_723,
    usual_seconds=5_432,
    regions=29,
    succeeded=29,
    usd=0.1629,
    usual_usd=0.1501,
)
LOG_STREAM = "worker/monitor/0123456789abcdef0123456789abcdef"


def outcome(**changes: Any) -> Outcome:
    return replace(OUTCOME, **changes)


def settings(**changes: Any) -> Settings:
    return replace(SETTINGS, **changes)


def failures(*given: tuple[str, str]) -> tuple[dict[str, str], ...]:
    return tuple({"region": region, "error": error} for region, error in given)


def alarm(
    name: str, description: str, namespace: str, metric: str, state: str = "ALARM", **dimensions: str
) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "AlarmDescription": description,
        "AWSAccountId": "111111111111",
        "NewStateValue": state,
        "NewStateReason": "Threshold Crossed: 1 datapoint [1.0 (23/11/26 06:20:00)] was greater than the threshold.",
        "StateChangeTime": "2026-11-23T06:25:41.123+0000",
        "Region": "US East (N. Virginia)",
        "AlarmArn": f"arn:aws:cloudwatch:us-east-1:111111111111:alarm:{name}",
        "OldStateValue": "OK" if state == "ALARM" else "ALARM",
        "Trigger": {
            "MetricName": metric,
            "Namespace": namespace,
            "StatisticType": "Statistic",
            "Statistic": "MAXIMUM",
            "Dimensions": [{"value": value, "name": each} for each, value in dimensions.items()],
            "Period": 300,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0.0,
        },
    }


def budget_text(kind: str, amount: str, threshold: str) -> str:
    return (
        "AWS Budget Notification November 23, 2026\nAWS Account 111111111111\n\nDear AWS Customer,\n\n"
        f"You requested that we alert you when the {kind} Cost associated with your ccapi-monthly-prod budget is "
        f"greater than {threshold} for the current month. The {kind} Cost associated with this budget is {amount}. "
        "You can find additional details below and by accessing the AWS Budgets dashboard [1].\n\n"
        "Budget Name: ccapi-monthly-prod\nBudget Type: Cost\nBudgeted Amount: $20.00\n"
        f"Alert Type: {kind}\nAlert Threshold: > {threshold}\n{kind} Amount: {amount}\n\n"
        "[1] https://console.aws.amazon.com/billing/home#/budgets\n"
    )
