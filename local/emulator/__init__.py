"""The AWS of one laptop: moto as a process of its own, with its gaps filled."""
