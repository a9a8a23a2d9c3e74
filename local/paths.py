"""Where a run keeps what it makes; all of it is ignored by git."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
STATE = ROOT / ".local"
WORKSPACE = STATE / "workspace"
CREDENTIALS = STATE / "credentials"
IMAGE = STATE / "image"
LOGS = STATE / "logs"
LOCK = STATE / "lock"
STARTED = STATE / "started"
BUILD = ROOT / "build"
REPORTS = BUILD / "reports"
LAST_RUN = BUILD / "last-run.json"
SLACK_PAGE = BUILD / "slack.html"
