"""The table of errors explains what AWS, the worker and the pipeline report."""

import re

import pytest

from components.machines import errors
from components.machines.errors import RETRY_MATRIX
from reporter.errors import Explanation, did_not_start, explain, explain_text
from tests.stacks import ROOT
from worker.errors import ErrorName, WorkerError
from worker.plan import plan_from

DENIED = "User: arn:aws:sts::1:assumed-role/r is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::b/k"


NAME = re.compile(
    r"\b(?:Worker|States|Ccapi|ECS|AmazonECS|S3|Sfn|SNS|Sns|Ssm|Lambda|Kms|CloudWatch|Scheduler)\.[A-Z][A-Za-z.]*[A-Za-z]"
)
# It stands for all errors in a Catch, and is never reported.
# The second ends a child execution whose run has ended.
NOT_REPORTED = {"States.ALL", "Worker.Orphaned"}
# Source: "Handling errors in Step Functions workflows", Error names, and "Handle transient Lambda service exceptions".
OF_AWS = (
    "States.BranchFailed",
    "States.DataLimitExceeded",
    "States.ExceedToleratedFailureThreshold",
    "States.HeartbeatTimeout",
    "States.Http.Socket",
    "States.IntrinsicFailure",
    "States.ItemReaderFailed",
    "States.NoChoiceMatched",
    "States.ParameterPathFailure",
    "States.Permissions",
    "States.QueryEvaluationError",
    "States.ResultPathMatchFailure",
    "States.ResultWriterFailed",
    "States.Runtime",
    "States.TaskFailed",
    "States.Timeout",
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.KMSAccessDeniedException",
    "Lambda.ResourceNotFoundException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "NotDeliveredError",
    "UnknownEventError",
)


def named_in_the_sources() -> set[str]:
    """Return the names of errors in the machines and in the worker."""
    paths = [
        path
        for folder in ("components", "container/worker")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".jsonata"}
    ]
    found = {name for path in paths for name in NAME.findall(path.read_text(encoding="utf-8"))}
    return found - NOT_REPORTED


@pytest.mark.parametrize("error", sorted({*named_in_the_sources(), *OF_AWS}))
def test_every_name_in_the_sources_and_of_aws_has_an_explanation(error: str) -> None:
    assert explained(error).sentence.endswith(".")
    assert explained(error).remedy.endswith(".")


def test_the_names_are_found_in_the_sources() -> None:
    assert {
        "Worker.OutOfMemory",
        "Ccapi.InputNotUnderstood",
        "Ccapi.StateUnreadable",
    } <= named_in_the_sources()
    assert {"States.QueryEvaluationError", "Lambda.Unknown"} & named_in_the_sources()


def explained(error: str, cause: str = "") -> Explanation:
    found = explain(error, cause)
    assert found is not None, error
    return found


def test_an_execution_that_the_local_aws_interrupted_is_explained() -> None:
    found = explain("LocalAws.Restarted", "")
    assert found is not None
    assert "local AWS" in found.sentence


@pytest.mark.parametrize(
    "error",
    [
        *ErrorName,
        *(error for kind in RETRY_MATRIX for error in kind.errors),
        errors.REPORTED,
        errors.PARTIAL,
        errors.NOT_REPORTED,
        errors.QUERY_FAILED,
        "Ccapi.NoRegionSucceeded",
        "Ccapi.StillRunning",
        "Ccapi.StateUnreadable",
        "States.DataLimitExceeded",
        "States.TaskFailed",
        "S3.S3Exception",
    ],
)
def test_every_error_of_the_pipeline_has_an_explanation(error: str) -> None:
    assert explained(error).sentence.endswith(".")
    assert explained(error).remedy.endswith(".")


@pytest.mark.parametrize(
    ("error", "cause", "sentence", "remedy"),
    [
        (
            "ECS.AccessDeniedException",
            DENIED,
            "The role r has no permission for s3:PutObject on arn:aws:s3:::b/k.",
            "Allow the action in a policy of the role",
        ),
        (
            "Worker.StartFailed",
            # The sentence of a local AWS without a grant of the role, which STS names with its session.
            "AccessDeniedException: User: arn:aws:sts::1:assumed-role/ccapi-start-prod/task-1 is not authorized to "
            "perform: logs:CreateLogStream because no identity-based policy allows the action",
            "The role ccapi-start-prod has no permission for logs:CreateLogStream on a resource that the error",
            "Allow the action in a policy of the role",
        ),
        (
            "Sns.AuthorizationErrorException",
            "User: cloudwatch.amazonaws.com is not authorized to perform: sns:Publish on resource: arn:aws:sns:t",
            "AWS refused the action sns:Publish on arn:aws:sns:t.",
            "Allow the action",
        ),
        (
            "S3.S3Exception",
            f"{DENIED} with an explicit deny in a policy",
            "An explicit deny",
            "permissionsBoundary",
        ),
        (
            "X",
            "not authorized to perform: ecs:RunTask",
            "on a resource that the error does not name",
            "Allow the action",
        ),
        ("Worker.StartFailed", "CannotPullContainerError: ref: not found", "does not exist", "worker.image"),
        (
            "Worker.StartFailed",
            "CannotPullContainerError: dial tcp: i/o timeout",
            "not be pulled",
            "network.egress",
        ),
        (
            "Worker.StartFailed",
            "CannotPullContainerError: no space left on device",
            "disk",
            "ephemeralStorageGib",
        ),
        ("Worker.StartFailed", "CannotPullContainerError: toomanyrequests", "limits", "ECR"),
        (
            "Worker.StartFailed",
            "CannotPullContainerError: no matching manifest for linux/arm64",
            "processor",
            "archit",
        ),
        ("Worker.Crashed", "exec /bin/python: exec format error", "another processor", "worker.architecture"),
        (
            "Worker.StartFailed",
            "ResourceInitializationError: unable to pull secrets or registry auth: ResourceNotFoundException: Secrets "
            "Manager can't find the specified secret.",
            "secret that the worker needs",
            "Write the secret's value",
        ),
        (
            "Worker.StartFailed",
            "Timeout waiting for network interface provisioning",
            "network interface",
            "subnets",
        ),
        (
            "Worker.StartFailed",
            "ResourceInitializationError: connection timed out",
            "to start",
            "network.egress",
        ),
        (
            "AmazonECS.Unknown",
            "Capacity is unavailable at this time.",
            "no capacity",
            "network.availabilityZones",
        ),
        ("AmazonECS.Unknown", "", "did not start the worker", "run.startRetries"),
        ("ECS.ThrottlingException", "Rate exceeded", "throttled", "worker.shards"),
        ("Sfn.TooManyRequestsException", "", "throttled", "worker.shards"),
        ("S3.S3Exception", "Status Code: 503", "fault of its own", "Health Dashboard"),
        (
            "S3.S3Exception",
            "The specified bucket does not exist (NoSuchBucket)",
            "bucket",
            "pulumi up --refresh",
        ),
        ("S3.S3Exception", "Access Denied (Service: S3, Status Code: 403)", "refused", "key's policy"),
        ("States.HeartbeatTimeout", "", "heartbeat", "run.heartbeatSeconds"),
        ("States.Timeout", "", "longer than one attempt", "run.taskTimeoutSeconds"),
        ("Ssm.ParameterNotFoundException", "", "run settings", "pulumi up --refresh"),
        ("S3.NoSuchKeyException", "", "does not exist", "without run_id"),
        (
            "Worker.ProgramFailed",
            "OSError: [Errno 28] No space left on device",
            "disk is full",
            "ephemeralStorage",
        ),
        (
            "States.TaskFailed",
            "OutOfMemoryError: Container killed due to memory usage",
            "memory",
            "worker.size",
        ),
        ("Ccapi.NotReported", "Worker.OutOfMemory: killed", "out of memory", "worker.size"),
        (
            "Worker.StartFailed",
            "CannotPullContainerError: unexpected status code https://registry/: 429 Too Many Requests",
            "limits how often",
            "ECR",
        ),
        (
            "Worker.StartFailed",
            "ResourceInitializationError: unable to retrieve secrets from ssm: invalid parameters: /ccapi/x",
            "secret that the worker needs",
            "Write the secret's value",
        ),
        (
            "Worker.StartFailed",
            "ResourceInitializationError: unable to pull secrets: AccessDeniedException: Access to KMS is not allowed",
            "refused the worker",
            "permissionsBoundary",
        ),
        (
            "Worker.StartFailed",
            "NetworkInterfaceLimitExceeded",
            "quota of network interfaces",
            "worker.shards",
        ),
        ("Worker.StartFailed", "InsufficientFreeAddressesInSubnet", "no free address", "network.cidrBlock"),
        ("AmazonECS.Unknown", "RESOURCE:ENI", "no free address", "network.cidrBlock"),
        (
            "ECS.ClientException",
            "the limit on the number of tasks you can run concurrently",
            "tasks",
            "quota",
        ),
        ("ECS.BlockedException", "", "blocked the account", "AWS Support"),
        ("ECS.PlatformTaskDefinitionIncompatibilityException", "", "refused to start", "refresh"),
        (
            "S3.S3Exception",
            "Please reduce your request rate. (Status Code: 503)",
            "throttled",
            "worker.shards",
        ),
        (
            "S3.S3Exception",
            "not authorized to perform: kms:Decrypt on the resource associated with this ciphertext",
            "the action kms:Decrypt on a resource that the error does not name.",
            "Allow the action",
        ),
        (
            "S3.S3Exception",
            'not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k" with an explicit deny',
            "s3:PutObject on arn:aws:s3:::b/k.",
            "deny",
        ),
        ("S3.S3Exception", "a customer master key that does not exist", "does not exist", "KMS console"),
        ("Kms.DisabledException", "", "is disabled", "Enable the key"),
        ("Sfn.KmsInvalidStateException", "", "is disabled", "Enable the key"),
        ("Ssm.SsmException", "The security token included in the request is expired", "expired", "again"),
        ("CloudWatch.InternalServiceFaultException", "", "fault of its own", "Health Dashboard"),
        ("Kms.KmsInternalException", "", "fault of its own", "Health Dashboard"),
        ("Sns.NotFoundException", "Topic does not exist", "topic", "confirmed again"),
        ("Scheduler.ResourceNotFoundException", "", "schedule", "refresh"),
        (
            "Lambda.TooManyRequestsException",
            "Rate Exceeded",
            "concurrency",
            "notifications.reservedConcurrency",
        ),
        ("Worker.Crashed", "Essential container in task exited (exit code 137)", "SIGKILL", "worker.size"),
        ("Worker.Crashed", "Essential container in task exited (exit code 139)", "SIGSEGV", "worker.image"),
        ("Worker.Crashed", "Essential container in task exited (exit code 143)", "SIGTERM", "again"),
        ("Worker.Crashed", "Essential container in task exited (exit code 127)", "program", "worker.image"),
        ("Worker.ProgramFailed", "numpy: MemoryError: 3 GiB", "memory", "worker.size"),
        ("Ccapi.NoRegionSucceeded", "", "No region", "Compare the reasons"),
    ],
)
def test_an_explanation_has_a_meaning_and_a_remedy(
    error: str, cause: str, sentence: str, remedy: str
) -> None:
    assert sentence in explained(error, cause).sentence
    assert remedy in explained(error, cause).remedy


@pytest.mark.parametrize(
    ("reason", "is_not_started"),
    [
        ("Worker.StartFailed: CannotPullContainerError", True),
        ("AmazonECS.Unknown: no capacity", True),
        ("ECS.AccessDeniedException: not authorized", True),
        ("Worker.WrongArchitecture: no matching manifest It never started.", True),
        ("Worker.OutOfMemory: killed (exit code 137)", False),
        ("Worker.Crashed: ECS.ServerException in its log", False),
    ],
)
def test_a_worker_that_did_not_start_is_known_by_its_error(reason: str, is_not_started: bool) -> None:
    assert did_not_start(reason) is is_not_started


def test_a_damaged_plan_is_no_refused_input() -> None:
    path = "s3://ccapi-cache-prod-111111111111/runs/2026-W48/plan.json"
    with pytest.raises(WorkerError) as refused:
        plan_from(b"{", "ccapi-cache-prod-111111111111", "2026-W48")
    for error, prefix in (("Worker.InvalidInput", ""), ("Ccapi.NotReported", "Worker.InvalidInput: ")):
        found = explained(error, f"{prefix}{refused.value.cause}")
        assert found.may_succeed_unchanged
        assert found.sentence == "A file that the pipeline keeps in its cache bucket was changed or damaged."
    missing = explained("Worker.InvalidInput", f"{path} does not exist: run `validate` for this run first.")
    assert missing.may_succeed_unchanged
    assert missing.sentence == "The plan of the run was deleted while the run worked."


def test_only_a_refused_input_is_refused_again() -> None:
    assert not explained("Worker.InvalidInput", "regions_count is 30").may_succeed_unchanged
    assert not explained(
        "Ccapi.NotReported", "Worker.InvalidInput: regions_count is 30"
    ).may_succeed_unchanged
    assert explained("Worker.OutOfMemory").may_succeed_unchanged


def test_a_hint_at_an_architecture_is_no_wrong_architecture() -> None:
    hint = "Exit (exit code 1). If its log says exec format error, the image is built for another processor."
    assert "without a result" in explained("Worker.Crashed", hint).sentence


def test_an_unknown_error_has_no_explanation() -> None:
    assert explain("Brand.New", "something") is None
    assert explain_text("no imagery for bekasi") is None


def test_the_reason_of_a_region_is_explained_by_the_error_that_it_names() -> None:
    found = explain_text("Its worker was lost while it worked on this region: Worker.OutOfMemory: killed")
    assert found == explain("Worker.OutOfMemory", "killed")


def test_every_setting_that_a_remedy_names_exists() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)
    known = {
        f"{section.split(chr(10), 1)[0]}.{key}"
        for section in sections
        for key in re.findall(r"^\| (?:\*\*)?`([\w.]+)`", section, re.MULTILINE)
    }
    concerns = {name.split(".")[0] for name in known}
    named = set()
    for path in (ROOT / "reporter").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        for literal in re.findall(r'"([^"\n]*)"', source):
            named |= set(
                re.findall(rf"(?<![\w.{{])((?:{'|'.join(sorted(concerns))})\.[a-z]+[A-Z]?\w*)", literal)
            )
    named = {name for name in named if not re.search(r"\.(?:json|py|md)$", name)}
    assert {"worker.size", "run.timeoutSeconds", "network.egress"} <= named
    assert named <= known, sorted(named - known)
