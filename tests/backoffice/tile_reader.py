"""Reads tiles out of the HTML that fills them, as staff see them."""

from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

TONES = {"good", "warn", "bad"}


def read_tiles(answer: Any) -> dict[str, Any]:
    """Return the contents of each tile of a response by its key, each with its kind."""
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/html")
    page = ElementTree.fromstring(f"<div>{answer.content.decode()}</div>")
    return {
        tile.attrib["data-tile"]: [read_content(part) for part in tile.findall("div/*")]
        for tile in page.iter("section")
    }


def read_content(part: Element) -> dict[str, Any]:
    """Return a content as a dictionary."""
    match part.tag, part.get("class", "").split():
        case "dl", _:
            return {"kind": "figures", "figures": [read_figure(pair) for pair in part]}
        case "p", ["house-empty"]:
            return {"kind": "table", "rows": [], "empty": part.text}
        case "p", ["house-note", *tone]:
            return {"kind": "note", "text": part.text, "tone": "".join(tone)}
        case "div", ["house-table"]:
            return {
                "kind": "table",
                "rows": [list(map(read_cell, row)) for row in part.iter("tr")][1:],
            }
        case "div", ["house-bars"]:
            return read_bars(part)
    raise AssertionError(f"unknown content: {part.tag} {part.attrib}")


def read_figure(pair: Element) -> list[str]:
    """Return label and value, and the tone if there is one."""
    label, value = pair
    return [text_of(label), text_of(value), *value.get("class", "").split()]


def read_cell(cell: Element) -> str | dict[str, Any]:
    """Return the text, in a dictionary if the cell is a link or has a tone."""
    link, tone = cell.find("a"), TONES & set(cell.get("class", "").split())
    options = {"href": link.get("href") if link is not None else "", "tone": "".join(tone)}
    known = {name: value for name, value in options.items() if value}
    return {"text": text_of(cell), **known} if known else text_of(cell)


def read_bars(part: Element) -> dict[str, Any]:
    """Return title and series of a bar chart, by the titles of its bars."""
    series: dict[str, list[float]] = {}
    for bar in part.iter("title"):
        name, _, value = text_of(bar).partition(", ")[2].partition(": ")
        series.setdefault(name, []).append(float(value.replace(",", "")))
    return {"kind": "bars", "series": [[name, values] for name, values in series.items()]}


def text_of(element: Element) -> str:
    """Return all text of an element."""
    return "".join(element.itertext())
