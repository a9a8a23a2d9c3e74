"""The quantities that a good run is billed for besides the time of its workers.

Good is a run as most are: of all the regions that the settings name, without a failure, and not a stack's first.
"""

import math
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
    """Return how many state transitions a good run has."""
    return len(machine.expected_path) + settings.worker.shards


def shard_seconds(settings: Settings) -> int:
    """Return for how long the worker of a shard is billed."""
    regions = math.ceil(settings.monitoring.regions_count / settings.worker.shards)
    return settings.worker.expected_seconds(regions)


def billed_keys(settings: Settings) -> Collection[str]:
    """Return the keys of the prices that a good run is billed by besides its workers."""
    return {*_PRICE_OF_CALL.values(), *_BESIDES_CALLS, *run_usage(settings, shard_seconds(settings))}


def billed_besides(settings: Settings, machine: Machine) -> Mapping[str, Decimal]:
    """Return what a good run of a machine is billed for besides its workers, by the key of its price."""
    invocations = machine.expected_calls["lambda:invoke"]
    of_states: dict[str, Decimal | int] = {
        "sfn_standard_transition": run_transitions(settings, machine),
        **{key: machine.expected_calls[call] for call, key in _PRICE_OF_CALL.items()},
        "lambda_arm_gb_second": Decimal(invocations * REPORTER_SECONDS * REPORTER_MEMORY_MIB) / _MIB_A_GB,
        "xray_trace": 1 if settings.observability.tracing else 0,
    }
    uses = run_usage(settings, shard_seconds(settings))
    return {key: Decimal(of_states.get(key, 0)) + Decimal(uses.get(key, 0)) for key in billed_keys(settings)}
