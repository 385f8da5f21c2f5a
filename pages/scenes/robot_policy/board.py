"""What the boards of both scenes share."""

from core.robot.board import SIDE
from dashboard.stage import Body

EXTENT = (0.0, SIDE, 0.0, SIDE)
GOAL = Body("goal", "goal", "right", hollow=True)
