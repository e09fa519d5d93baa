"""The body of a request, as long as it is small enough."""

from starlette.requests import Request


async def bounded(request: Request, largest: int) -> bytes | None:
    """At most so many bytes, or nothing; what Content-Length says is not believed.

    Raises Starlette's ``ClientDisconnect``.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            return None
    return bytes(body)
