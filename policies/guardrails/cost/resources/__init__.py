"""What resources cost in a month by themselves, by what they are for."""
