"""What rich draws on a terminal, as HTML: text with spans, whose colors are classes that a style sheet defines."""

from __future__ import annotations

from html import escape

from rich.color import ColorType
from rich.console import Console, RenderableType
from rich.style import Style

from psynth.core.printable import printable


def html_of(renderable: RenderableType, width: int) -> str:
    """The content of a ``pre`` element, ``width`` columns wide; everything is escaped."""
    console = Console(width=width, color_system="truecolor", force_terminal=True, highlight=False)
    lines = console.render_lines(renderable, console.options.update(width=width), pad=False)
    return "\n".join("".join(_span(segment.text, segment.style) for segment in line) for line in lines)


def _span(text: str, style: Style | None) -> str:
    content = escape(printable(text))
    classes, colors = ([], []) if style is None else _looks(style)
    if not classes and not colors:
        return content
    named = f' class="{" ".join(classes)}"' if classes else ""
    colored = f' style="{";".join(colors)}"' if colors else ""
    return f"<span{named}{colored}>{content}</span>"


def _looks(style: Style) -> tuple[list[str], list[str]]:
    """The classes and the declarations of a style."""
    classes = [name for name in ("bold", "dim", "italic") if getattr(style, name)]
    colors = []
    for of, color in (("color", style.color), ("background", style.bgcolor)):
        if color is None or color.is_default:
            continue
        if of == "color" and color.type is ColorType.STANDARD:
            classes.append(f"ansi-{color.number}")
        else:
            colors.append(f"{of}:{color.get_truecolor().hex}")
    return classes, colors
