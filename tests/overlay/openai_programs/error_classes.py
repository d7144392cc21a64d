import httpx
import openai

request = httpx.Request("POST", "http://127.0.0.1/v1/chat/completions")
for error_class, status in (
    (openai.BadRequestError, 400),
    (openai.AuthenticationError, 401),
    (openai.PermissionDeniedError, 403),
    (openai.NotFoundError, 404),
    (openai.ConflictError, 409),
    (openai.UnprocessableEntityError, 422),
    (openai.RateLimitError, 429),
    (openai.InternalServerError, 500),
):
    response = httpx.Response(status, request=request, headers={"x-request-id": "req_1"})
    error = error_class("It failed.", response=response, body={"code": "a", "param": "b", "type": "c"})
    print(error_class.__name__, error.status_code, error.code, error.param, error.type, error.request_id, error.message)
    print(isinstance(error, openai.APIStatusError), isinstance(error, openai.APIError), error.response is response)
error = openai.APIConnectionError(request=request)
print(error.request is request, isinstance(openai.APITimeoutError(request), openai.APIConnectionError))
