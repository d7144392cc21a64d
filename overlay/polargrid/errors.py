"""The exceptions of the SDK.

PolarGridError                          the base class; catch it to catch all
├── APIError                            a call failed
│   ├── APIStatusError                  the server responded with an error
│   │   ├── ValidationError             the request is invalid: also with status 413, 415
│   │   │   ├── BadRequestError         rejected before sending, or with status 400
│   │   │   └── UnprocessableEntityError  (422)
│   │   ├── AuthenticationError         the API key is missing or invalid (401)
│   │   │   └── PermissionDeniedError   it lacks permission (403)
│   │   ├── BillingError                no credit left (402)
│   │   ├── NotFoundError               unknown model, voice or path (404)
│   │   ├── ConflictError               the request is in conflict with another one (409)
│   │   └── RateLimitError              too many requests (429); `retry_after` says how long to wait
│   ├── ServerError                     the server failed
│   │   ├── InternalServerError         with status 5xx; also an APIStatusError
│   │   └── APIResponseValidationError  its response does not match the operation
│   │       ├── LengthFinishReasonError         the text is cut off, where an object is expected
│   │       └── ContentFilterFinishReasonError  or a content filter ended it
│   └── APIConnectionError              there is no response, or not all of it
│       ├── TimeoutError                a timeout or the deadline passed; also a builtin TimeoutError
│       │   └── RequestTimeoutError     (408); also an APIStatusError
│       └── NetworkError                no connection, or it broke
│           └── StreamInterruptedError  a stream ended early
└── JobFailedError                      a job failed or was cancelled; `job` is its state

Any error raised by a stream holds the text received before it in `partial`.
"""

from polargrid_runtime.errors import *  # noqa: F403 - all of them, by its __all__
from polargrid_runtime.errors import __all__ as __all__
