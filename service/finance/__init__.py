"""The books: movements, postings, payouts, exports."""
