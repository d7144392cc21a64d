# Made from openapi.yaml by `make generate`; change that, not this.
"""A client library for accessing PolarGrid API"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
