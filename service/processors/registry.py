"""Which processors there are: the one for new attempts, and all that are still listened to."""

from collections.abc import Iterable

from service.config import Settings
from service.errors import NotFound
from service.processors.base import Processor
from service.processors.sandbox.adapter import SandboxProcessor


class Processors:
    """The processors whose credentials are set, by name."""

    def __init__(self, available: Iterable[Processor], current: str) -> None:
        self._by_name = {processor.name: processor for processor in available}
        self.current = self._by_name[current]

    def get(self, name: str) -> Processor:
        """The processor of that name. Raises NotFound when it is not set up."""
        try:
            return self._by_name[name]
        except KeyError as error:
            raise NotFound from error

    def checkout_origins(self) -> list[str]:
        """Where hosted pages live: the only other places our forms may lead to."""
        return [processor.checkout_origin for processor in self._by_name.values()]


def from_settings(settings: Settings) -> Processors:
    """Build every processor that the settings have credentials for."""
    available = [] if settings.in_production else [SandboxProcessor.from_settings(settings)]
    return Processors(available, settings.processor)
