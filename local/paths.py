"""The files and folders that a run writes; git ignores all of them."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
STATE = ROOT / ".local"
WORKSPACE = STATE / "workspace"
CREDENTIALS = STATE / "credentials"
IMAGE = STATE / "image"
LOGS = STATE / "logs"
KEPT = STATE / "kept.json"
AWS_STATE = STATE / "aws"
LOCK = STATE / "lock"
STARTED = STATE / "started"
BUILD = ROOT / "build"
REPORTS = BUILD / "reports"
LAST_RUN = BUILD / "last-run.json"
SLACK_PAGE = BUILD / "slack.html"
