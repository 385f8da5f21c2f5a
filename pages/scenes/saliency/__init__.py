"""What the scenes of this page share."""

from core.data.pictures import MOST_MEGABYTES, keep_photo
from dashboard.lesson import OwnData

TYPES = ("png", "jpg", "jpeg", "webp", "gif", "bmp")
OWN = OwnData(
    setting="photo",
    types=TYPES,
    help="A photo of anything, at most 20 MB. It stays on this machine.",
    read=keep_photo,
    label="Your own photo",
    megabytes=MOST_MEGABYTES,
)
