"""The page docs/notifications.md, and its pictures of the messages."""
