"""The demo: a real article to try the service beside, and believable readers' messages."""
