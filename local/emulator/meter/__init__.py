"""The meter: usage that AWS would bill, counted by AWS's rules for each execution."""
