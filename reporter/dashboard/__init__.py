"""The page about all runs, `dashboard.html`, and their history, `history.json`, both in the reports bucket."""
