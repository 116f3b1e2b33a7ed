"""A web server in a process of its own whose clock stands elsewhere: ``MOMENT PORT``.

Months are closed once they are over, and a browser cannot wait for that. SIGUSR1 lets eleven minutes
pass, after which the own password is asked for again.
"""

import os
import signal
import sys
from datetime import datetime, timedelta

import time_machine
from werkzeug.serving import run_simple

from service.app import create_app


def main() -> None:
    moment, port = sys.argv[1:]
    traveller = time_machine.travel(datetime.fromisoformat(moment), tick=True).start()
    signal.signal(signal.SIGUSR1, lambda *_: traveller.shift(timedelta(minutes=11)))
    run_simple("127.0.0.1", int(port), create_app(environ=os.environ), threaded=True)


if __name__ == "__main__":
    main()
