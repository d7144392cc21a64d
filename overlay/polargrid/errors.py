"""The exceptions of the SDK.

PolarGridError                  the base class; catch it to catch all
├── ValidationError             the request is invalid: rejected before sending, or with status 400, 413, 415, 422
├── AuthenticationError         the API key is missing, invalid (401) or lacks permission (403)
├── BillingError                no credit left (402)
├── NotFoundError               unknown model, voice or path (404)
├── RateLimitError              too many requests (429); `retry_after` says how long to wait
├── ServerError                 the server failed (5xx), or its response does not match the operation
├── JobFailedError              a job failed or was cancelled; `job` is its state
├── TimeoutError                a timeout or the deadline passed; also a builtin TimeoutError
└── NetworkError                no connection, or it broke
    └── StreamInterruptedError  a stream ended early

Any error raised by a stream holds the text received before it in `partial`.
"""

from polargrid_runtime.errors import *  # noqa: F403 - all of them, by its __all__
from polargrid_runtime.errors import __all__ as __all__
