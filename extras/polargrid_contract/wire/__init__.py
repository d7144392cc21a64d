"""HTTP/1.1 as it is on the wire: raw requests, a connection, and responses that nothing repairs."""
