"""A check of the project's language: words and openings that hide who does what, refused in new text."""
