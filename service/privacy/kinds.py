"""What somebody can ask for about the own data, and where such a request stands."""

from datetime import timedelta

EXPORT, CORRECT, RESTRICT, WITHDRAW, ERASE = "export", "correct", "restrict", "withdraw", "erase"
KINDS = (EXPORT, CORRECT, RESTRICT, WITHDRAW, ERASE)
LIFT = "lift"  # what ends a restriction

AWAITING, DONE, EXPIRED = "awaiting_confirmation", "done", "expired"
STATES = (AWAITING, DONE, EXPIRED)

# UU 27/2022 gives the controller 3 x 24 hours; a link is good for as long, and so is a download.
WITHIN = timedelta(hours=72)
READER = "reader"  # the actor of what a confirmed link sets off
