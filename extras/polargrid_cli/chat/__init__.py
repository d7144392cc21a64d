"""The parts of `polargrid chat`."""
