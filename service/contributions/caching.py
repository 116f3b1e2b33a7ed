"""How long anybody may keep what shows public messages: five seconds, so that a removed one vanishes."""

from flask import request
from werkzeug.wrappers import Response

WALL_CACHE = "public, s-maxage=5, stale-while-revalidate=5"


def kept_briefly(response: Response) -> Response:
    """An answer in the reader's language that caches keep for a moment, and 304 for who has it."""
    response.headers["Cache-Control"] = WALL_CACHE
    response.headers["Vary"] = "Accept-Language"
    response.add_etag()
    return response.make_conditional(request)
