"""What a newcomer reads, and what draws its pictures."""
