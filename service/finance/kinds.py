"""The types of movements, in the contract's words, and what they have in common."""

CONTRIBUTION = "contribution"
REVERSALS = ("refund_external", "refund_failed", "chargeback", "chargeback_reversed")
PAYOUT = "payout"
PAYOUTS = (PAYOUT, "payout_failed")  # money on its way to the bank: neither income nor cost
