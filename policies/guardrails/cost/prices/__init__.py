"""What AWS charges, as data with sources, and the command that asks AWS for it again."""
