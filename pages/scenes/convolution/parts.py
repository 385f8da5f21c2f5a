"""What the scenes on convolution share: the formula of the size, and one's own picture."""

from core.data.pictures import MOST_MEGABYTES, keep_photo
from dashboard.lesson import OwnData
from dashboard.stage import Tokens

SIZE = Tokens(
    title="Outputs along a side",
    alt="The formula for the number of outputs, with the numbers set, and worked out.",
    tokens="size",
)

OWN = OwnData(
    setting="upload",
    types=("png", "jpg", "jpeg", "webp", "gif", "bmp"),
    help="A picture: its middle square is used, in grey. It stays on this machine.",
    read=keep_photo,
    label="Your own picture",
    megabytes=MOST_MEGABYTES,
)
