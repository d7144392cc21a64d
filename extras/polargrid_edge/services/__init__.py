"""What each operation does: a method of the operation's name."""
