"""The books as files: which rows, in which form, and the record of each export."""
