"""Midtrans Snap: QRIS, GoPay and virtual accounts, through a small client of our own."""
