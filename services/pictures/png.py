"""A drawing as PNG, with the font that Pillow carries: a bare machine has none."""

import io

from PIL import Image, ImageDraw, ImageFont

from services.pictures.drawing import Anchor, Box, Disc, Drawing, Line, Mark, Text

# Sharp on screens with two pixels a point, and when opened.
_PIXELS_PER_POINT = 2
# Pillow draws without smoothing: drawn larger and averaged, edges are smooth.
_OVERSAMPLING = 2
_SCALE = _PIXELS_PER_POINT * _OVERSAMPLING
_ANCHORS: dict[Anchor, str] = {"start": "ls", "middle": "ms", "end": "rs"}
# The font has one weight; an outline of this share of the size makes it a bold one.
_BOLD_OUTLINE = 0.02


def png_of(drawing: Drawing) -> bytes:
    """The PNG's bytes; the same drawing gives the same bytes, with the same release of Pillow."""
    width, height = drawing.width * _SCALE, drawing.height * _SCALE
    image = Image.new("RGB", (width, height), drawing.ground)
    pen = ImageDraw.Draw(image)
    for mark in drawing.marks:
        _put(pen, mark)
    pen.rectangle((0, 0, width - 1, height - 1), outline=drawing.border, width=_SCALE)
    written = io.BytesIO()
    image.reduce(_OVERSAMPLING).save(written, "PNG", optimize=True)
    return written.getvalue()


def _put(pen: ImageDraw.ImageDraw, mark: Mark) -> None:
    match mark:
        case Box(x, y, width, height, colour):
            left, top = _pixels(x, y)
            right, bottom = _pixels(x + width, y + height)
            if right > left and bottom > top:
                pen.rectangle((left, top, right - 1, bottom - 1), fill=colour)  # Pillow counts the last pixel in
        case Line(points, colour, width):
            pen.line([_pixels(*point) for point in points], colour, round(width * _SCALE), joint="curve")
        case Disc(x, y, radius, colour):
            pen.ellipse((*_pixels(x - radius, y - radius), *_pixels(x + radius, y + radius)), fill=colour)
        case Text():
            _write(pen, mark)


def _write(pen: ImageDraw.ImageDraw, mark: Text) -> None:
    size = mark.size * _SCALE
    pen.text(
        _pixels(mark.x, mark.y),
        mark.text,
        mark.colour,
        ImageFont.load_default(size),
        _ANCHORS[mark.anchor],
        stroke_width=size * _BOLD_OUTLINE if mark.is_bold else 0,
    )


def _pixels(x: float, y: float) -> tuple[int, int]:
    return round(x * _SCALE), round(y * _SCALE)
