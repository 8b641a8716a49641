"""The eight D8 steps by number: E, SE, S, SW, W, NW, N, NE."""

STEP_COLS = (1, 1, 0, -1, -1, -1, 0, 1)
STEP_ROWS = (0, 1, 1, 1, 0, -1, -1, -1)
