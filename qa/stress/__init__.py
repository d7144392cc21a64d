"""Nonce-checked calls of both clients against a server that misbehaves, in another process.

The client says in a header how the server misbehaves, and the response contains the nonce of its request. So the run
finds a call that gets the response of another, takes a part as the whole, or is sent more often than it counts.
"""
