"""Which processors there are: the one for new attempts, and all that are still listened to."""

from collections.abc import Iterable

from service.config import Settings
from service.errors import NotFound
from service.processors.base import Processor
from service.processors.midtrans.adapter import MidtransProcessor
from service.processors.sandbox.adapter import SandboxProcessor
from service.processors.stripe.adapter import StripeProcessor


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

    def all(self) -> list[Processor]:
        """Every processor that is set up, by name."""
        return [self._by_name[name] for name in sorted(self._by_name)]

    def checkout_origins(self) -> list[str]:
        """Where hosted pages live: the only other places our forms may lead to."""
        return [processor.checkout_origin for processor in self._by_name.values()]


def from_settings(settings: Settings) -> Processors:
    """Build every processor that the settings have credentials for."""
    available: list[Processor] = []
    if not settings.in_production:
        available.append(SandboxProcessor.from_settings(settings))
    if settings.stripe_api_key:
        available.append(StripeProcessor.from_settings(settings))
    if settings.midtrans_server_key:
        available.append(MidtransProcessor.from_settings(settings))
    return Processors(available, settings.processor)
