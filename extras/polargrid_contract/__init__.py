"""Does a server keep the PolarGrid contract?"""
