"""The workload `command`: an existing program, run as it is and evaluated by its results file."""
