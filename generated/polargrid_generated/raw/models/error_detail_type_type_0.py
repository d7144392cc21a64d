# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class ErrorDetailTypeType0(StrEnum):
    AUTHENTICATION_ERROR = "authentication_error"
    BILLING_ERROR = "billing_error"
    INVALID_REQUEST_ERROR = "invalid_request_error"
    NOT_FOUND_ERROR = "not_found_error"
    RATE_LIMIT_ERROR = "rate_limit_error"
    SERVER_ERROR = "server_error"

    def __str__(self) -> str:
        return str(self.value)
