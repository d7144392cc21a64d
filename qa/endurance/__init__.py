"""What many thousand calls cost and leave behind, against a server in another process."""
