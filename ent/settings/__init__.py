"""Settings, one module per way of running: demo, test, production; `base` is what they share."""
