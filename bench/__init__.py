"""What the README claims of speed and size, measured."""
