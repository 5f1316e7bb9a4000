"""The whole bot, running. A package, so that its tests can share bots and an event loop."""
