"""The limiter of bulk runs against a model of servers, in virtual time."""
