"""The dashboard: the history of all runs, and the page about them, both objects of the reports bucket."""
