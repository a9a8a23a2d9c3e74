"""The page about all runs: its facts, read with the operator's credentials, and its history, made again."""
