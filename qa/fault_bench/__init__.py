"""How many seeded faults of a server `polargrid contract` sees, and what it reports that is none."""
