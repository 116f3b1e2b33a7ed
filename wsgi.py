"""The WSGI application for servers: ``wsgi:app``."""

import sys

from service.app import create_app
from service.config import ConfigError

try:
    app = create_app()
except ConfigError as error:
    sys.exit(f"apresiasi: {error}")
