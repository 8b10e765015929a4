"""Simulated contestants: models behind a real server whose mistakes are drawn at rates that are known."""
