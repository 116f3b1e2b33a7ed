"""Stripe: hosted Checkout, its events, its books. The only room that imports its library."""
