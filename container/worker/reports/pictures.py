"""Pictures of satellite images, with the changes outlined."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from worker.raster import Image, Mask, Patches
from worker.workloads import Comparison

# The reflectance that is shown as full brightness; land reflects little light.
VISIBLE_WHITE = 0.22
NEAR_INFRARED_WHITE = 0.5
GAMMA = 0.8
# The dots for each pixel of the image; with several, outlines are finer than the patches.
SCALE = 5
OUTLINE = (255, 222, 59)
OUTLINE_DOTS = 2
WEBP_QUALITY = 60
BLUE, GREEN, RED, NEAR_INFRARED = range(4)


def true_colour(image: Image) -> Pillow.Image:
    """Return an image in natural colours."""
    return _picture(image[[RED, GREEN, BLUE]] / VISIBLE_WHITE)


def change_map(image: Image, patches: Patches) -> Pillow.Image:
    """Return an image with near infrared as red, in which plants are bright, and with the patches outlined."""
    near_infrared, visible = image[[NEAR_INFRARED]] / NEAR_INFRARED_WHITE, image[[RED, GREEN]] / VISIBLE_WHITE
    picture = _outlined(_picture(np.concatenate([near_infrared, visible])), patches > 0)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=6 * SCALE)
    for number in range(1, int(patches.max()) + 1):
        rows, columns = np.nonzero(patches == number)
        # Beside the patch, on the side where there is room.
        right_of = columns.max() < patches.shape[1] * 0.9
        column, anchor = (columns.max() + 2, "lm") if right_of else (columns.min() - 1, "rm")
        place = (float(column * SCALE), float((rows.min() + rows.max() + 1) / 2 * SCALE))
        draw.text(
            place, str(number), fill="white", font=font, anchor=anchor, stroke_width=2, stroke_fill="black"
        )
    return picture


def comparison(before: Image, after: Image, patches: Patches) -> Comparison:
    """Return the pictures before and after, with the patches outlined in the second one."""
    outlined = _outlined(true_colour(after), patches > 0)
    return Comparison(before=_webp(true_colour(before)), after=_webp(outlined))


def _webp(picture: Pillow.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=WEBP_QUALITY)
    return buffer.getvalue()


def _picture(bands: Image) -> Pillow.Image:
    levels = (np.clip(bands, 0, 1) ** GAMMA * 255).astype(np.uint8)
    picture = Pillow.fromarray(np.ascontiguousarray(np.moveaxis(levels, 0, -1)))
    return picture.resize((picture.width * SCALE, picture.height * SCALE), Pillow.Resampling.BICUBIC)


def _outlined(picture: Pillow.Image, mask: Mask) -> Pillow.Image:
    dots: NDArray[np.uint8] = np.array(picture)
    inside = np.kron(mask, np.ones((SCALE, SCALE), dtype=bool))
    outside = np.pad(~inside, OUTLINE_DOTS)
    height, width = inside.shape
    near_outside = np.zeros_like(inside)
    for along in range(2 * OUTLINE_DOTS + 1):
        near_outside |= outside[along : along + height, OUTLINE_DOTS : OUTLINE_DOTS + width]
        near_outside |= outside[OUTLINE_DOTS : OUTLINE_DOTS + height, along : along + width]
    dots[inside & near_outside] = OUTLINE
    return Pillow.fromarray(dots)
