"""The checks, in the order of a run: the caller, start, workers, storage, messages, and what watches over them."""

from cli.doctor.alarms import check_alarms
from cli.doctor.buckets import check_buckets
from cli.doctor.check import Check
from cli.doctor.claims import check_claim
from cli.doctor.compute import check_cluster, check_machines
from cli.doctor.credentials import check_credentials
from cli.doctor.dead_letter_queues import check_dead_letters
from cli.doctor.images import check_image
from cli.doctor.key import check_key
from cli.doctor.last_success import check_last_success
from cli.doctor.network import check_network
from cli.doctor.prices import check_prices
from cli.doctor.quotas import check_quotas
from cli.doctor.reporter import check_reporter
from cli.doctor.roles import check_roles
from cli.doctor.run_settings import check_run_settings
from cli.doctor.schedules import check_lost_starts, check_schedule, check_watch_triggers
from cli.doctor.secrets import check_secrets
from cli.doctor.subscriptions import check_subscriptions

CHECKS = (
    Check("credentials", check_credentials),
    Check("schedule", check_schedule),
    Check("lost-starts", check_lost_starts),
    Check("state-machines", check_machines),
    Check("run-settings", check_run_settings),
    Check("claim", check_claim),
    Check("cluster", check_cluster),
    Check("image", check_image),
    Check("quotas", check_quotas),
    Check("network", check_network),
    Check("roles", check_roles),
    Check("secrets", check_secrets),
    Check("key", check_key),
    Check("buckets", check_buckets),
    Check("subscriptions", check_subscriptions),
    Check("reporter", check_reporter),
    Check("dead-letter-queues", check_dead_letters),
    Check("watch-triggers", check_watch_triggers),
    Check("alarms", check_alarms),
    Check("last-success", check_last_success),
    Check("prices", check_prices),
)
