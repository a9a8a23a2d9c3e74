"""The local Lambda: functions run as processes that stay warm, each with its own Runtime API."""
