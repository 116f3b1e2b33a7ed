"""The sandbox: an adapter like any other, and the separate app that it talks to."""
