"""A web server in a process of its own whose clock stands elsewhere: ``MOMENT PORT``.

Months are closed once they are over, and a browser cannot wait for that.
"""

import os
import sys
from datetime import datetime

import time_machine
from werkzeug.serving import run_simple

from service.app import create_app


def main() -> None:
    moment, port = sys.argv[1:]
    time_machine.travel(datetime.fromisoformat(moment), tick=True).start()
    run_simple("127.0.0.1", int(port), create_app(environ=os.environ), threaded=True)


if __name__ == "__main__":
    main()
