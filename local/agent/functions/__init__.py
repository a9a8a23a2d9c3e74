"""The Lambda of one laptop: functions as processes that stay warm, each with a Runtime API of its own."""
