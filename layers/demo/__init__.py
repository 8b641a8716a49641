"""The demo scene: synthetic layers of 十堰 beside the real 0.25 degree means."""
