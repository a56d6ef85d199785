"""A drawing as SVG."""

from html import escape

from services.pictures.drawing import Box, Disc, Drawing, Line, Mark, Text

_FONTS = "Aileron, 'Helvetica Neue', Helvetica, Arial, sans-serif"


def svg_of(drawing: Drawing) -> str:
    """One SVG document, with the words for who does not see it; the same drawing gives the same text."""
    width, height = drawing.width, drawing.height
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    words = f'role="img" aria-label="{escape(drawing.words)}" font-family="{_FONTS}"'
    ground = f'width="{width - 1}" height="{height - 1}" fill="{drawing.ground}" stroke="{drawing.border}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {words}>',
            f'<rect x="0.5" y="0.5" {ground}/>',
            *map(_element, drawing.marks),
            "</svg>\n",
        ]
    )


def _element(mark: Mark) -> str:
    match mark:
        case Box(x, y, width, height, colour):
            return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{colour}"/>'
        case Line(points, colour, width):
            way = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
            stroke = f'stroke="{colour}" stroke-width="{_n(width)}" stroke-linejoin="round" stroke-linecap="round"'
            return f'<polyline points="{way}" fill="none" {stroke}/>'
        case Disc(x, y, radius, colour):
            return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{colour}"/>'
        case Text():
            return _text(mark)


def _text(mark: Text) -> str:
    weight = ' font-weight="600"' if mark.is_bold else ""
    anchor = f' text-anchor="{mark.anchor}"' if mark.anchor != "start" else ""
    place = f'x="{_n(mark.x)}" y="{_n(mark.y)}" font-size="{_n(mark.size)}"'
    return f'<text {place} fill="{mark.colour}"{weight}{anchor}>{escape(mark.text)}</text>'


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
