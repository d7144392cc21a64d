"""Where all network traffic of the SDK passes: which connections serve a call, the SDK's own or httpx's.

The SDK's own (`blocking`, `evented`) serve where they can. httpx's serve through proxies, under trio, where the option
`transport` says so, and always for a client that the user hands in, which is asked by its own `send`.
"""
