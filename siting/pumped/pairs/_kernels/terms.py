"""Columns of the flat tables that the kernels of a pair share."""

from __future__ import annotations

# a lake: NODE numbers each
FOOT = 0  # first level of its curve
LOW = 1  # lowest level it may stand at
HIGH = 2  # highest level it may stand at
LEND = 3  # most water it can give
LEAST = 4  # volume at the lowest wall, 0 where it exists
FULL = 5  # volume at HIGH
CAP = 6  # level above the foot that keeps off ground that needs a route
NEW = 7  # 1 = a new lake
START = 8  # slice of the catchment in the drainage order
CELLS = 9
RADIUS = 10  # no shore lies further from the foot
EAST = 11
NORTH = 12
CLOSES = 13  # highest level above the foot at which the dam closes the valley
NODE = 14

# rules of the search
EFFICIENCY = 0
VELOCITY = 1
FRICTION = 2
TUNNEL_MW = 3
DEAD_SHARE = 4
UPPER_START = 5
LOWER_START = 6
HEAD_MIN = 7  # four numbers, by kind of pair
HEAD_MAX = 11
LH_MAX = 12
WATER_ROCK = 13
TUNNEL_WEIGHT = 14
RULES = 15

# a sized pair: ROW numbers each
VOLUME = 0
UPPER_NORMAL = 1
UPPER_DEAD = 2
LOWER_NORMAL = 3
LOWER_DEAD = 4
HEAD_MEAN = 5
HEAD_HIGHEST = 6
HEAD_LOWEST = 7
LOSS = 8
LENGTH = 9
UPPER_X = 10
UPPER_Y = 11
LOWER_X = 12
LOWER_Y = 13
TUNNEL = 14
FLOW = 15
UPPER_DAM = 16
LOWER_DAM = 17
UPPER_CREST = 18
LOWER_CREST = 19
QUICK = 20
KEEPS_OFF = 21
VALUE = 22  # what the failed test found
LIMIT = 23  # and what it asked
ROW = 24

# first test that a candidate fails, in the order of the tests
PAIRED = 0
NO_LAKE = 1
CATCHMENT = 2
REACH = 3
TOO_SMALL = 4
BORROW = 5
OVERLAP = 6
HEAD_LOW = 7
HEAD_HIGH = 8
TOO_LONG = 9
CLOSURE = 10
ROCK = 11
CROWDED = 12
REASONS = 13

GWH = 3.6e12
