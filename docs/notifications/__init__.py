"""The page on notifications, and its pictures of the messages."""
