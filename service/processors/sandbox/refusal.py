"""What the sandbox answers to a call that makes no sense."""


class Refused(Exception):
    """A call that makes no sense: unknown id, wrong state, other parameters."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
