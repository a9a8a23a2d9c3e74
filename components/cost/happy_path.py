"""The billed quantities of a successful run, besides the time of its workers.

It assumes a typical run: all regions of the settings, no failure, and not the first run of the stack.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal

from components.cost.usage import REPORTER_MEMORY_MIB, REPORTER_SECONDS, run_usage
from components.machines.asl import Machine
from components.settings import Settings

_MIB_A_GB = 1024
_PRICE_OF_CALL = {
    "aws-sdk:s3:putObject": "s3_put_request",
    "aws-sdk:s3:getObject": "s3_get_request",
    "aws-sdk:cloudwatch:putMetricData": "metrics_api_request",
    "lambda:invoke": "lambda_request",
}
_BESIDES_CALLS = ("sfn_standard_transition", "lambda_arm_gb_second", "xray_trace")


def run_transitions(settings: Settings, machine: Machine) -> int:
    """Return the number of state transitions of a successful run; the start of a child execution is one."""
    of_shard = 2 if settings.worker.is_distributed else 1
    return len(machine.expected_path) + of_shard * settings.worker.shards


def shard_seconds(settings: Settings) -> int:
    """Return the seconds that the worker of a shard is billed for."""
    return settings.worker.expected_shard_seconds(settings.monitoring.regions_count)


def billed_keys(settings: Settings) -> Collection[str]:
    """Return the keys of the prices of a successful run, besides those of its workers."""
    return {*_PRICE_OF_CALL.values(), *_BESIDES_CALLS, *run_usage(settings, shard_seconds(settings))}


def billed_besides(settings: Settings, machine: Machine) -> Mapping[str, Decimal]:
    """Return the billed quantities of a machine's successful run, besides its workers, by the key of their price."""
    invocations = machine.expected_calls["lambda:invoke"]
    of_states: dict[str, Decimal | int] = {
        "sfn_standard_transition": run_transitions(settings, machine),
        **{key: machine.expected_calls[call] for call, key in _PRICE_OF_CALL.items()},
        "lambda_arm_gb_second": Decimal(invocations * REPORTER_SECONDS * REPORTER_MEMORY_MIB) / _MIB_A_GB,
        "xray_trace": 1 if settings.observability.tracing else 0,
    }
    uses = run_usage(settings, shard_seconds(settings))
    return {key: Decimal(of_states.get(key, 0)) + Decimal(uses.get(key, 0)) for key in billed_keys(settings)}
