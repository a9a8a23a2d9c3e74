"""The runs of a pipeline: what they are, what is read of them, and what is done with them."""
