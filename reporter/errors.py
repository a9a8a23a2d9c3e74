"""The table of errors: for each name, what it means in one sentence and what the operator can do about it.

Sources: "Handling errors in Step Functions workflows" for States.*, "Call Amazon ECS from Step Functions" and the ECS
API's list of errors for ECS.*, "Amazon ECS stopped tasks error messages" for the reasons of tasks that did not start,
"Error handling in Lambda integrations" for Lambda.*,
container/worker/errors.py for Worker.*, components/machines/errors.py for Ccapi.*,
local/emulator/state/executions.py for LocalAws.*.
"""

import re
from dataclasses import dataclass

# A name as Step Functions reports it, anywhere in a text.
_NAME = re.compile(
    r"\b((?:Worker|States|Ccapi|ECS|Ecs|AmazonECS|S3|Sfn|Sns|SNS|Ssm|Lambda|Kms|CloudWatch|Scheduler|LocalAws)\.[A-Z][A-Za-z0-9]*)"
)


@dataclass(frozen=True)
class Explanation:
    """The meaning of an error, and its remedy."""

    sentence: str
    remedy: str
    may_succeed_unchanged: bool = True
    """False if the same input is refused again."""


@dataclass(frozen=True)
class _Rule:
    """An explanation with the errors that it is for: those whose name and cause both match."""

    sentence: str
    remedy: str
    name: str = r".*"
    """A regular expression for the whole name."""
    cause: str = ""
    """A regular expression for a part of the cause; its groups are named in the sentence."""
    may_succeed_unchanged: bool = True


# "on the resource associated with this ciphertext" names none.
_DENIED = (
    r"not authorized to perform:? (?P<action>[\w-]+:[\w*]+)"
    r"(?: on (?:the )?resource: *[\"']?(?P<resource>[^\s\"']+))?"
)
_NETWORK = (
    "Check the route to the internet or the VPC endpoints (network.egress), and that the security group lets HTTPS "
    "out."
)
_KEY = "Enable the key, or cancel its deletion, in the KMS console; then start the run again."
_MORE_MEMORY = (
    "Raise worker.size, or worker.cpuUnits and worker.memoryMib. Retries already use the next larger size."
)

_DAMAGED_FILE = "A file that the pipeline keeps in its cache bucket was changed or damaged."
_DELETE_FILE = (
    "Look at the file that the error below names. If no other run is running, delete it; the pipeline writes it again. "
    "Then start the run again."
)

# The first rule that matches holds; causes that say more than a name come first.
_RULES = (
    _Rule(
        name=r"Worker\.InvalidInput",
        cause=r"(?:^|: )s3://\S+ is not a usable plan ",
        sentence=_DAMAGED_FILE,
        remedy=_DELETE_FILE,
    ),
    _Rule(
        name=r"Worker\.InvalidInput",
        cause=r"(?:^|: )s3://\S+ does not exist: run `validate`",
        sentence="The plan of the run was deleted while the run worked.",
        remedy="Start the run again, which plans it again; finished regions are kept.",
    ),
    # The input, which is refused again if it is not changed.
    _Rule(
        name=r"Worker\.InvalidInput",
        sentence="The input of the run, or a setting of the worker, was refused.",
        remedy="Correct what the error names below, then start a new run.",
        may_succeed_unchanged=False,
    ),
    _Rule(
        name=r"Ccapi\.InputNotUnderstood",
        sentence="The watch machine was started with an input that it does not know.",
        remedy="Do not start it by hand: its schedule and its events start it.",
        may_succeed_unchanged=False,
    ),
    # Permissions.
    _Rule(
        cause=rf"{_DENIED}.*explicit deny",
        sentence="An explicit deny refused the action {action} on {resource}.",
        remedy="Look for the deny in roles.permissionsBoundary, in the resource's own policy and in the organization's "
        "service control policies.",
    ),
    _Rule(
        cause=rf"assumed-role/(?P<role>[\w+=,.@-]+)\S* is {_DENIED}",
        sentence="The role {role} has no permission for {action} on {resource}.",
        remedy="Allow the action in a policy of the role. If a policy was changed by hand, run pulumi up --refresh, "
        "which restores it. Check roles.permissionsBoundary too.",
    ),
    _Rule(
        cause=_DENIED,
        sentence="AWS refused the action {action} on {resource}.",
        remedy="Allow the action to the role that the error below names. If a policy was changed by hand, run pulumi "
        "up --refresh, which restores it. Check roles.permissionsBoundary too.",
    ),
    # The image.
    _Rule(
        name=r"Worker\.WrongArchitecture",
        sentence="The image is built for another processor than the worker's.",
        remedy="Build the image for worker.architecture, or set worker.architecture to that of the image.",
    ),
    _Rule(
        cause=r"(?i)exec format error\.|exec format error$|exec format error:|matching platform|no matching manifest"
        r"|does not match the (?:specified|host) platform",
        sentence="The image is built for another processor than the worker's.",
        remedy="Build the image for worker.architecture, or set worker.architecture to that of the image.",
    ),
    _Rule(
        cause=r"CannotPull.*(?i:no space left)",
        sentence="The image does not fit on the worker's disk.",
        remedy="Raise worker.ephemeralStorageGib, or make the image smaller.",
    ),
    _Rule(
        cause=r"CannotPull.*(?i:toomanyrequests|too many requests|rate limit|rate exceeded)",
        sentence="The registry limits how often the image is pulled.",
        remedy="Start the run again in some minutes. If the image comes from another registry, push it to the stack's "
        "own ECR repository and name it in worker.image.",
    ),
    _Rule(
        cause=r"CannotPull.*(?i:not found|manifest unknown|does not exist|invalid reference)",
        sentence="The worker's image does not exist in the registry.",
        remedy="Push the image, or name an image that exists in worker.image.",
    ),
    _Rule(
        cause=r"CannotPull",
        sentence="The worker's image could not be pulled.",
        remedy=f"Check that worker.image exists. {_NETWORK}",
    ),
    # The start of a task.
    _Rule(
        cause=r"(?i)timeout waiting for network interface",
        sentence="AWS did not attach a network interface to the worker in time.",
        remedy="Start the run again. If it happens again, check that the subnets have free addresses "
        "(network.cidrBlock, network.adopt.subnetIds).",
    ),
    _Rule(
        cause=r"(?i)maximum number of network interfaces|NetworkInterfaceLimitExceeded",
        sentence="The account has reached its quota of network interfaces.",
        remedy="Request a higher quota (Service Quotas, Amazon VPC), or lower worker.shards.",
    ),
    _Rule(
        cause=r"(?i)InsufficientFreeAddresses|not enough free addresses|RESOURCE:ENI",
        sentence="A subnet has no free address for the worker's network interface.",
        remedy="Lower worker.shards, or give the worker larger subnets (network.cidrBlock, network.adopt.subnetIds).",
    ),
    _Rule(
        cause=r"ResourceInitializationError.*(?i:secret).*"
        r"(?i:ResourceNotFoundException|ParameterNotFound|invalid (?:ssm )?parameters|can't find|did not contain"
        r"|marked for deletion)",
        sentence="A secret that the worker needs does not exist or is empty.",
        remedy="Write the secret's value, which the error names (docs/deploy.md), then start the run again.",
    ),
    _Rule(
        cause=r"ResourceInitializationError.*(?i:logger|log group|awslogs)",
        sentence="The worker's log group could not be used.",
        remedy="Run pulumi up --refresh, which creates the log group again.",
    ),
    _Rule(
        cause=r"ResourceInitializationError.*(?i:AccessDenied|access to kms is not allowed)",
        sentence="AWS refused the worker what it needs to start: its image, a secret, a key or its log.",
        remedy="The error below names it. If a policy was changed by hand, run pulumi up --refresh, which restores it. "
        "Check roles.permissionsBoundary too.",
    ),
    _Rule(
        cause=r"ResourceInitializationError",
        sentence="The worker could not fetch what it needs to start: its image, a secret or its log.",
        remedy=_NETWORK,
    ),
    _Rule(
        cause=r"(?i)limit (?:on|of) .{0,40}(?:vCPU|tasks you can run concurrently)|vCPU limit",
        sentence="The account has reached its quota of Fargate vCPUs or tasks.",
        remedy="Request a higher quota (Service Quotas, AWS Fargate), or lower worker.shards or worker.size.",
    ),
    _Rule(
        name=r"(?:AmazonECS\.Unknown|Worker\.StartFailed|States\.TaskFailed)",
        cause=r"(?i)capacity is unavailable|RESOURCE:(?:CPU|MEMORY|FARGATE)|no capacity|insufficient capacity",
        sentence="AWS Fargate has no capacity of this size in the zones of the stack at the moment.",
        remedy="Start the run again later. If it happens again, add zones (network.availabilityZones), set worker.spot "
        "to false, or raise run.startRetries.",
    ),
    _Rule(
        name=r"AmazonECS\.Unknown",
        sentence="AWS Fargate did not start the worker, most often because it has no capacity at the moment.",
        remedy="Start the run again later. If it happens again, add zones (network.availabilityZones), set worker.spot "
        "to false, or raise run.startRetries.",
    ),
    _Rule(
        name=r"Worker\.StartFailed",
        sentence="The worker's container could not be started.",
        remedy="Follow the error below: it names the image, the network, a secret or capacity.",
    ),
    # Throttling, and services that do not answer.
    _Rule(
        name=r"Lambda\.TooManyRequests.*",
        sentence="Lambda had no free concurrency for the reporter, the function that sends the messages.",
        remedy="Request a higher quota of concurrent executions (Service Quotas, AWS Lambda), or set "
        "notifications.reservedConcurrency.",
    ),
    _Rule(
        name=r".*(?i:throttl|TooManyRequests|RequestLimitExceeded|SlowDown).*",
        sentence="AWS throttled the pipeline's requests.",
        remedy="Start the run again in some minutes. If it happens again, lower worker.shards.",
    ),
    _Rule(
        cause=r"Rate exceeded|ThrottlingException|SlowDown|reduce your request rate|Status Code: 429",
        sentence="AWS throttled the pipeline's requests.",
        remedy="Start the run again in some minutes. If it happens again, lower worker.shards.",
    ),
    _Rule(
        name=r"(?:ECS|Ecs)\.(?:AmazonECS|Server|AmazonEcs)(?:Exception)?|Worker\.ServiceUnavailable|S3\.SdkClientException"
        r"|Lambda\.(?:Service|AWSLambda|SdkClient)Exception"
        r"|[A-Z]\w*\.(?i:kms)?(?:Internal|ServiceUnavailable|SdkClient).*",
        sentence="An AWS service did not answer or had a fault of its own.",
        remedy="Start the run again. If it happens again, check the AWS Health Dashboard. " + _NETWORK,
    ),
    _Rule(
        name=r"S3\..*",
        cause=r"Status Code: 5\d\d|InternalError",
        sentence="Amazon S3 had a fault of its own.",
        remedy="Start the run again. If it happens again, check the AWS Health Dashboard.",
    ),
    _Rule(
        name=r"S3\.NoSuchBucket(?:Exception)?|S3\.S3Exception",
        cause=r"NoSuchBucket|bucket does not exist",
        sentence="A bucket of the stack does not exist.",
        remedy="Run pulumi up --refresh, which creates it again, or check the names in storage.adopt.",
    ),
    _Rule(
        cause=r"(?i)KMS.*(?:disabled|pending deletion|DisabledException|KMSInvalidState)",
        sentence="The KMS key of the stack is disabled or will be deleted.",
        remedy=_KEY,
    ),
    _Rule(
        name=r".*(?i:kms)\w*\.?(?:Disabled|InvalidState).*",
        sentence="The KMS key of the stack is disabled or will be deleted.",
        remedy=_KEY,
    ),
    _Rule(
        cause=r"(?i)(?:customer master|KMS) key .{0,40}does not exist|KMS\.NotFoundException",
        sentence="A KMS key that encrypts the stack's data does not exist.",
        remedy="Look the key up in the KMS console. If it is pending deletion, cancel that; objects that a deleted key "
        "encrypted cannot be read.",
    ),
    _Rule(
        name=r"(?!Worker\.).*",
        cause=r"(?i)security token .{0,40}(?:expired|invalid)|ExpiredToken",
        sentence="AWS refused temporary credentials that had expired.",
        remedy="Start the run again. If it happens again, the Execution link shows which step used them.",
    ),
    _Rule(
        name=r".*(?:AccessDenied|Forbidden|UnauthorizedOperation|States\.Permissions).*",
        sentence="AWS refused an action; the error below says which, as far as AWS does.",
        remedy="Run pulumi up --refresh if a policy was changed by hand, and check roles.permissionsBoundary.",
    ),
    _Rule(
        name=r"S3\..*",
        cause=r"Status Code: 403|AccessDenied",
        sentence="Amazon S3 refused an action on a bucket of the stack.",
        remedy="Run pulumi up --refresh if a policy was changed by hand. Check the bucket's policy, the key's policy "
        "and roles.permissionsBoundary.",
    ),
    _Rule(
        name=r"S3\.NoSuchKey.*",
        sentence="A file that the pipeline needs does not exist in a bucket.",
        remedy="Start a new run without run_id, which writes its files anew.",
    ),
    _Rule(
        name=r"S3\..*",
        sentence="Amazon S3 refused a request of the state machine.",
        remedy="See the status code in the error below.",
    ),
    _Rule(
        name=r"(?i:ssm)\..*NotFound.*",
        sentence="The run settings of the stack, a Systems Manager parameter, do not exist.",
        remedy="Run pulumi up --refresh, which creates them again.",
    ),
    _Rule(
        name=r"(?i:sns)\..*NotFound.*",
        sentence="An SNS topic of the stack does not exist.",
        remedy="Run pulumi up --refresh, which creates it again. Its subscriptions have to be confirmed again.",
    ),
    _Rule(
        name=r"Scheduler\..*NotFound.*",
        sentence="The schedule of the stack does not exist.",
        remedy="Run pulumi up --refresh, which creates it again.",
    ),
    # The end of a worker.
    _Rule(
        cause=r"(?i)no space left on device",
        sentence="The worker's disk is full.",
        remedy="Raise worker.ephemeralStorageGib.",
    ),
    _Rule(
        name=r"Worker\.OutOfMemory",
        sentence="The worker ran out of memory.",
        remedy=_MORE_MEMORY,
    ),
    _Rule(
        cause=r"MemoryError|(?i:cannot allocate memory)",
        sentence="The worker ran out of memory.",
        remedy=_MORE_MEMORY,
    ),
    _Rule(
        name=r"Worker\.Interrupted",
        sentence="The worker was stopped: by an operator, or because Spot capacity was taken back.",
        remedy="Start the run again. If Spot takes capacity back too often, set worker.spot to false or raise "
        "run.workerRetries.",
    ),
    # A shell adds 128 to the number of the signal: 9 is SIGKILL, 11 SIGSEGV, 15 SIGTERM.
    _Rule(
        name=r"Worker\.Crashed",
        cause=r"\(exit code 137\)",
        sentence="The worker was killed (SIGKILL), most often because it ran out of memory.",
        remedy=f"See the worker log. {_MORE_MEMORY}",
    ),
    _Rule(
        name=r"Worker\.Crashed",
        cause=r"\(exit code 139\)",
        sentence="The worker crashed: a program in it used memory that is not its own (SIGSEGV).",
        remedy="The last lines of the worker log say where. Push a corrected image and name it in worker.image.",
    ),
    _Rule(
        name=r"Worker\.Crashed",
        cause=r"\(exit code 143\)",
        sentence="The worker was ended from outside (SIGTERM).",
        remedy="Start the run again; its finished regions are kept. If it happens again, see in the worker log when it "
        "ended.",
    ),
    _Rule(
        name=r"Worker\.Crashed",
        cause=r"\(exit code 12[67]\)",
        sentence="The image does not have the worker's program, or it cannot be executed.",
        remedy="Build the image as docs/deploy.md says, push it, and name it in worker.image.",
    ),
    _Rule(
        name=r"Worker\.Crashed",
        sentence="The worker ended without a result.",
        remedy="The last lines of the worker log say where. If the image is at fault, push a corrected one and name it "
        "in worker.image.",
    ),
    _Rule(
        name=r"Worker\.DeadlineExceeded|States\.Timeout",
        sentence="A worker took longer than one attempt may take.",
        remedy="Raise run.taskTimeoutSeconds, or raise worker.shards so that each worker has fewer regions.",
    ),
    _Rule(
        name=r"States\.HeartbeatTimeout",
        sentence="The worker made no progress and sent no heartbeat for too long.",
        remedy="See in the worker log where it stopped. If it was only slow, raise run.heartbeatSeconds.",
    ),
    _Rule(
        name=r"Worker\.ProgramStalled",
        sentence="The program wrote nothing for too long and was stopped.",
        remedy="See in the worker log where it stopped. If it was only slow, raise command.stallSeconds.",
    ),
    _Rule(
        name=r"Worker\.ProgramFailed",
        sentence="The program ended without results.",
        remedy="The worker log has its last lines. Correct the program or command.* and deploy, then start the run "
        "again.",
    ),
    _Rule(
        name=r"Worker\.CredentialsInvalid",
        sentence="The worker's credentials were refused: those of Earth Engine, or of its AWS role.",
        remedy="The error below names the secret or the role. If it is the secret of Earth Engine, write the key into "
        "it (docs/deploy.md).",
    ),
    _Rule(
        name=r"Worker\.BucketUnavailable",
        sentence="The worker cannot use a bucket of the stack.",
        remedy="Follow the error below: create the bucket, or allow the task's role the action.",
    ),
    _Rule(
        name=r"Worker\.ObjectRefused",
        sentence="Amazon S3 does not take or give one object: it is too large, or its name is too long.",
        remedy="Follow the error below; other objects are not affected.",
    ),
    # The pipeline.
    _Rule(
        name=r"Ccapi\.StillRunning",
        sentence="Another run held the pipeline for longer than this one may wait.",
        remedy="Start the run again when the other one has ended. To wait longer, raise run.overlapWaitSeconds.",
    ),
    _Rule(
        name=r"Ccapi\.StateUnreadable",
        sentence=_DAMAGED_FILE,
        remedy=_DELETE_FILE,
    ),
    _Rule(
        name=r"Ccapi\.NoRegionSucceeded",
        sentence="No region succeeded.",
        remedy="Compare the reasons below. If the regions have the same one, it concerns all of them, such as the "
        "credentials, the network or the image: remove it. If not, see the worker log. Then start the run again.",
    ),
    _Rule(
        name=r"Ccapi\.NotReported",
        sentence="The run failed, and its message could not be sent.",
        remedy="Check the topics and the reporter's log.",
    ),
    _Rule(
        name=r"Ccapi\.RunFailed",
        sentence="The run failed.",
        remedy="The error below has the cause.",
    ),
    _Rule(
        name=r"Ccapi\.PartialFailure",
        sentence="Some regions failed, and run.onPartialFailure or run.minSucceededRegions makes that a failure.",
        remedy="Do the missing regions again. To accept such runs, set run.onPartialFailure to succeed or lower "
        "run.minSucceededRegions.",
    ),
    _Rule(
        name=r"LocalAws\.Restarted",
        sentence="The local AWS ended during the run, and was started again with its state.",
        remedy="Start the run again; finished regions are kept.",
    ),
    # Step Functions.
    _Rule(
        name=r"States\.DataLimitExceeded",
        sentence="A state of the machine had more than 256 KiB of data.",
        remedy="Lower worker.shards, or shorten the execution's input.",
    ),
    _Rule(
        name=r"States\.(?:QueryEvaluationError|Runtime|NoChoiceMatched|IntrinsicFailure|ParameterPathFailure|ResultPathMatchFailure)",
        sentence="The state machine read data that does not have the expected form.",
        remedy="The error below names the state. If it names a file in the cache bucket, delete the file; otherwise "
        "report it to the maintainers.",
    ),
    _Rule(
        name=r"States\.ExceedToleratedFailureThreshold|States\.ItemReaderFailed|States\.ResultWriterFailed"
        r"|States\.BranchFailed|States\.TaskFailed|States\.Http\.Socket",
        sentence="A step of the state machine failed.",
        remedy="The Execution link shows which one, with its input and its error.",
    ),
    _Rule(
        name=r"(?:ECS|Ecs)\.Blocked.*",
        sentence="AWS has blocked the account, so that ECS starts no worker.",
        remedy="Ask AWS Support to unblock the account.",
    ),
    _Rule(
        name=r"(?:ECS|Ecs)\..*",
        sentence="ECS refused to start the worker.",
        remedy="Run pulumi up --refresh; a cluster, subnet, security group or task definition may have been deleted.",
    ),
    _Rule(
        name=r"Sfn\.(?:TaskTimedOut|TaskDoesNotExist|InvalidToken).*",
        sentence="A worker's answer came after its attempt had ended.",
        remedy="Start the run again. Its finished regions are kept.",
    ),
    _Rule(
        name=r"Sfn\.ExecutionDoesNotExist.*",
        sentence="An execution does not exist any more. Step Functions keeps executions for 90 days.",
        remedy="Start the run again.",
    ),
    # The reporter.
    _Rule(
        name=r"Lambda\.ResourceNotFound.*",
        sentence="The reporter, the Lambda function that sends the messages, does not exist.",
        remedy="Run pulumi up --refresh, which creates it again.",
    ),
    _Rule(
        name=r"(?:Lambda|Sandbox|Runtime)\..*|NotDeliveredError|UnknownEventError",
        sentence="The reporter, the Lambda function that sends the messages, failed.",
        remedy="See its log. The results of the run are not affected.",
    ),
    _Rule(
        name=r"Sfn\.ExecutionLimitExceeded.*|ExecutionLimitExceeded",
        sentence="Too many executions run at the same time.",
        remedy="Start the run again when others have ended.",
    ),
)
_COMPILED = tuple((re.compile(rule.name), re.compile(rule.cause, re.DOTALL), rule) for rule in _RULES)
# The errors whose cause may contain another error, as `<name>: <cause>`.
_WRAPPERS = frozenset({"Ccapi.NotReported", "Ccapi.RunFailed", "States.TaskFailed"})
# RunTask reports errors of ECS; the watch machine marks a task that stopped before its start.
_NOT_STARTED = re.compile(r"(?:ECS|Ecs|AmazonECS)\.|Worker\.StartFailed\b")
_NEVER_STARTED = "It never started."
_ANOTHER_RESOURCE = "a resource that the error does not name"
# A cause is matched by several expressions; a bound keeps that short.
_MATCHED_CHARACTERS = 4_000


def explain(error: str, cause: str) -> Explanation | None:
    """Return the explanation of an error by its name and cause, or `None` if the table has none."""
    matched = cause[:_MATCHED_CHARACTERS]
    inner = _NAME.match(matched) if error in _WRAPPERS else None
    if inner and inner[1] not in _WRAPPERS:
        return explain(inner[1], matched)
    for name, pattern, rule in _COMPILED:
        if not name.fullmatch(error):
            continue
        if found := pattern.search(matched):
            named = {
                key: (value or _ANOTHER_RESOURCE).rstrip(".,;:\"'")
                for key, value in found.groupdict().items()
            }
            return Explanation(rule.sentence.format(**named), rule.remedy, rule.may_succeed_unchanged)
    return None


def did_not_start(text: str) -> bool:
    """Return True if a text, `<error>: <cause>`, is that of a worker which never ran in its last attempt."""
    return bool(_NOT_STARTED.match(text)) or _NEVER_STARTED in text


def explain_text(text: str) -> Explanation | None:
    """Return the explanation of a region's reason, which may name an error anywhere."""
    found = _NAME.search(text)
    return explain(found[1] if found else "", text)
