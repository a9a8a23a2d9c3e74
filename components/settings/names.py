"""Names and ARNs of everything that a stack creates, known before it is deployed.

Names have the form `<project>-<part>-<environment>`. Buckets share one namespace across all of AWS, so their
names also end in the account. A name that is longer than its service allows is truncated and ends in a digest
of the full name.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from components.settings import Settings
from components.settings.observability import METRIC_NAMESPACE

# The maximum length of names, source: the API reference of each service.
_ROLE_MAX = 64
_BUCKET_MAX = 63
_SCHEDULE_MAX = 64
_MACHINE_MAX = 80
_RULE_MAX = 64
_FUNCTION_MAX = 64
_DEFAULT_MAX = 80
_DIGEST_CHARACTERS = 6

# Prefixes that AWS reserves. Sources: PutParameter, parameter Name; "General purpose bucket naming rules".
_RESERVED = re.compile(r"aws|ssm|sthree-|amzn-s3-demo-", re.IGNORECASE)

_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
_DOMAINS = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com"}


def partition_of(region: str) -> str:
    """Return the partition that a region belongs to."""
    if region.startswith("cn-"):
        return "aws-cn"
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws"


def fitted(name: str, max_characters: int) -> str:
    """Return a name of at most `max_characters`; truncated names stay distinct by a digest of the full name."""
    if len(name) <= max_characters:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{name[: max_characters - _DIGEST_CHARACTERS - 1].rstrip('-')}-{digest}"


def _plain(name: str) -> str:
    """Return a name in lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def unreserved(name: str) -> str:
    """Return a name without a prefix that AWS reserves."""
    return f"my-{name}" if _RESERVED.match(name) else name


@dataclass(frozen=True)
class Names:
    """The names of all resources of one stack."""

    project: str
    environment: str
    region: str
    account: str
    adopted: Mapping[str, str] = field(default_factory=dict)
    """The names of existing resources: `cluster`, `reports` and `cache`."""
    metric_namespace: str = METRIC_NAMESPACE
    """The CloudWatch namespace of the stack's own metrics."""
    permissions_boundary: str | None = None
    """The ARN of the permissions boundary of each role, if there is one."""
    is_distributed: bool = False
    """True if shards run in child executions of the weekly machine."""

    @classmethod
    def of(cls, settings: Settings) -> "Names":
        """Return the names of the stack with these settings."""
        adopted: dict[str, str] = {}
        if settings.cluster.adopt is not None:
            adopted["cluster"] = settings.cluster.adopt.name
        if settings.storage.adopt is not None:
            adopted["reports"] = settings.storage.adopt.reports_bucket
            adopted["cache"] = settings.storage.adopt.cache_bucket
        return cls(
            settings.project,
            settings.environment,
            settings.region,
            settings.account,
            adopted,
            settings.observability.metric_namespace,
            settings.roles.permissions_boundary,
            settings.worker.is_distributed,
        )

    @property
    def partition(self) -> str:
        """The partition of the stack's region."""
        return partition_of(self.region)

    @property
    def domain(self) -> str:
        """The domain name suffix of AWS in the stack's region."""
        return _DOMAINS[self.partition]

    def resource_name(self, what: str, max_characters: int = _DEFAULT_MAX) -> str:
        """Return the name of something, in lower-case letters, digits and hyphens."""
        return self._fitted(f"{self.project}-{what}-{self.environment}", max_characters)

    def _fitted(self, name: str, max_characters: int) -> str:
        return fitted(_plain(name), max_characters)

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN in the stack's account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    # Step Functions
    @property
    def machine(self) -> str:
        """The weekly state machine."""
        return self.resource_name("weekly-monitoring", _MACHINE_MAX)

    @property
    def machine_arn(self) -> str:
        """The weekly state machine's ARN."""
        return self.arn("states", f"stateMachine:{self.machine}")

    @property
    def shard_label(self) -> str:
        """The label of the child executions that process shards."""
        return "shards"

    @property
    def shard_machine(self) -> str:
        """The state machine of the child executions that process shards, as AWS names it."""
        return f"{self.machine}/{self.shard_label}"

    @property
    def shard_machine_arn(self) -> str:
        """The ARN of the state machine of the child executions that process shards."""
        return self.arn("states", f"stateMachine:{self.shard_machine}")

    @property
    def token_machine_arns(self) -> tuple[str, ...]:
        """The ARNs of the state machines whose task tokens workers hold.

        AWS does not document whether the token of a child execution is its own machine's or that of the machine that
        started it.
        """
        children = (self.shard_machine_arn,) if self.is_distributed else ()
        return (self.machine_arn, self.watch_arn, *children)

    @property
    def watch(self) -> str:
        """The state machine that watches the runs."""
        return self.resource_name("watch", _MACHINE_MAX)

    @property
    def watch_arn(self) -> str:
        """The ARN of the state machine that watches the runs."""
        return self.arn("states", f"stateMachine:{self.watch}")

    def machine_log_group(self, machine: str) -> str:
        """Return the log group of a state machine; its short prefix keeps the logs' resource policy small."""
        return f"/aws/vendedlogs/states/{machine}"

    # Events
    def rule(self, what: str) -> str:
        """Return the name of a rule on the event bus."""
        return self.resource_name(what, _RULE_MAX)

    def rule_arn(self, what: str) -> str:
        """Return the ARN of a rule on the event bus."""
        return self.arn("events", f"rule/{self.rule(what)}")

    @property
    def watch_queue(self) -> str:
        """The dead-letter queue of events that could not start the watch machine."""
        return self.resource_name("watch-dlq")

    # ECS
    @property
    def cluster(self) -> str:
        """The cluster that workers run in."""
        return self.adopted.get("cluster") or self.resource_name("cluster")

    @property
    def cluster_arn(self) -> str:
        """The cluster's ARN."""
        return self.arn("ecs", f"cluster/{self.cluster}")

    @property
    def worker_family(self) -> str:
        """The worker's task definition family, and its image repository."""
        return self.resource_name("monitor")

    @property
    def repository_url(self) -> str:
        """The address that images are pushed to."""
        return f"{self.account}.dkr.ecr.{self.region}.{self.domain}/{self.worker_family}"

    @property
    def worker_log_group(self) -> str:
        """The log group of the workers."""
        return f"/aws/ecs/{self._fitted(f'{self.project}-{self.environment}', _DEFAULT_MAX)}"

    @property
    def shell_log_group(self) -> str:
        """The log group of operators' shell sessions in workers."""
        return f"{self.worker_log_group}/shell"

    @property
    def task_group(self) -> str:
        """The first part of the ECS task group of a run, before a slash and the run's name."""
        return self._fitted(f"{self.project}-{self.environment}", _DEFAULT_MAX)

    # Roles
    def role(self, whose: str) -> str:
        """Return the name of the role of a part of the stack."""
        return self.resource_name(whose, _ROLE_MAX)

    def role_arn(self, whose: str) -> str:
        """Return the ARN of the role of a part of the stack."""
        return f"arn:{self.partition}:iam::{self.account}:role/{self.role(whose)}"

    # Storage
    def bucket(self, what: str) -> str:
        """Return the name of a bucket."""
        name = unreserved(f"{self.project}-{what}-{self.environment}-{self.account}")
        return self.adopted.get(what) or self._fitted(name, _BUCKET_MAX)

    def bucket_arn(self, what: str) -> str:
        """Return the ARN of a bucket."""
        return f"arn:{self.partition}:s3:::{self.bucket(what)}"

    # Scheduler
    @property
    def schedule(self) -> str:
        """The schedule that starts the runs."""
        return self.resource_name("weekly-schedule", _SCHEDULE_MAX)

    @property
    def watch_schedule(self) -> str:
        """The schedule that starts the watch machine."""
        return self.resource_name("watch-schedule", _SCHEDULE_MAX)

    @property
    def schedule_group(self) -> str:
        """The group of the stack's schedules, which their roles trust."""
        return self._fitted(f"{self.project}-{self.environment}", _SCHEDULE_MAX)

    @property
    def schedule_queue(self) -> str:
        """The dead-letter queue of starts that could not be delivered."""
        return self.resource_name("schedule-dlq")

    # Alarms
    @property
    def alarm_affixes(self) -> tuple[str, str]:
        """The beginning and the end of the names of all alarms."""
        return f"{_plain(self.project)}-", f"-{_plain(self.environment)}"

    # Notifications
    def topic(self, what: str) -> str:
        """Return the name of a topic."""
        return self.resource_name(f"pipeline-{what}")

    def topic_arn(self, what: str) -> str:
        """Return the ARN of a topic."""
        return self.arn("sns", self.topic(what))

    @property
    def message_queue(self) -> str:
        """The dead-letter queue of messages that a subscriber did not accept."""
        return self.resource_name("notifications-dlq")

    def queue_url(self, queue: str) -> str:
        """Return the URL of a queue."""
        return f"https://sqs.{self.region}.{self.domain}/{self.account}/{queue}"

    # Reporter
    @property
    def reporter(self) -> str:
        """The Lambda function that sends the messages."""
        return self.resource_name("reporter", _FUNCTION_MAX)

    @property
    def reporter_arn(self) -> str:
        """The ARN of the Lambda function that sends the messages."""
        return self.arn("lambda", f"function:{self.reporter}")

    @property
    def reporter_log_group(self) -> str:
        """The log group of the Lambda function that sends the messages."""
        return f"/aws/lambda/{self.reporter}"

    # Encryption
    @property
    def key_alias(self) -> str:
        """The alias of the stack's key; policies use it because it is known before the key is created."""
        return f"alias/{self._fitted(f'{self.project}-{self.environment}', _DEFAULT_MAX)}"

    def secret(self, what: str) -> str:
        """Return the name of a secret."""
        return self.resource_name(what)

    def secret_arn(self, what: str) -> str:
        """Return the pattern of a secret's ARN, since AWS appends six characters to it."""
        return self.arn("secretsmanager", f"secret:{self.secret(what)}-??????")

    # Monitoring
    @property
    def dashboard(self) -> str:
        """The dashboard; its name may not have spaces."""
        return f"{self.metric_namespace}-{self._fitted(self.environment, _DEFAULT_MAX)}"

    @property
    def dashboard_url(self) -> str:
        """The console URL of the dashboard."""
        return f"{self.console}/cloudwatch/home?region={self.region}#dashboards:name={self.dashboard}"

    def alarm_arn(self, what: str) -> str:
        """Return the ARN of an alarm."""
        return self.arn("cloudwatch", f"alarm:{self.resource_name(what)}")

    @property
    def console(self) -> str:
        """The URL of the AWS console for the stack's region."""
        return f"https://{self.region}.{_CONSOLES[self.partition]}"

    # Run settings
    @property
    def run_settings(self) -> str:
        """The parameter that a run reads first."""
        return f"/{unreserved(self.project)}/{self.environment}/run-settings"

    @property
    def run_settings_arn(self) -> str:
        """The ARN of the parameter that a run reads first."""
        return self.arn("ssm", f"parameter{self.run_settings}")
