"""The moderation desk: the queue, decisions, their history."""
