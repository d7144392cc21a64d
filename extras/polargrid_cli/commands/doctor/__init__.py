"""`polargrid doctor`: diagnose the setup and the connection to an endpoint."""
