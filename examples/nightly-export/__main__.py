"""Exports the sales of 40 shops every night at two."""

from pathlib import Path

from ccapi.scheduled_job import ScheduledFargateJob, ScheduledFargateJobArgs

job = ScheduledFargateJob(
    "nightly-export",
    ScheduledFargateJobArgs(
        program=["python", "export.py", "{region}"],
        catalog=Path(__file__).with_name("shops.json"),
        schedule="cron(0 2 * * ? *)",
        image="111111111111.dkr.ecr.us-east-1.amazonaws.com/nightly-export-monitor-live:2026-11-23",
        emails=["ops@example.com"],
        shards=2,
        # The guardrails hold the worst month that these allow against the budget.
        settings={
            "worker": {"size": "small"},
            "run": {"taskTimeoutSeconds": 1800},
            "budget": {"monthlyUsd": 40},
        },
    ),
)
job.outputs.export()
