"""The prices of AWS as data with sources, and the command that refreshes them."""
