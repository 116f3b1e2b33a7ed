"""The bank's side: statement lines, and which payout each of them is."""
