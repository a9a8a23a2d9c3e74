"""Local servers in place of Slack, PagerDuty and a webhook, in one process."""
