"""What axe-core finds in a page; the platform needs none of it.

Installed by `npm install --global axe-core`; where it is absent, nothing is checked.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.e2e.browser.window import Window

FOLDERS = ("/usr/local/lib/node_modules", "/usr/lib/node_modules")  # of npm
SERIOUS = ("serious", "critical")
# Without `preload`, as style sheets are loaded a second time for it.
OPTIONS = {"preload": False, "resultTypes": ["violations"]}
# measures.js has the contrast, in every width and colour scheme. What the others find is never
# SERIOUS, and they take a third of the time.
NOT_ASKED = (
    "color-contrast", "aria-allowed-role", "aria-deprecated-role", "empty-heading",
    "empty-table-header", "focus-order-semantics", "form-field-multiple-labels", "heading-order",
    "hidden-content", "image-redundant-alt", "landmark-banner-is-top-level",
    "landmark-contentinfo-is-top-level", "landmark-main-is-top-level",
    "landmark-no-duplicate-banner", "landmark-no-duplicate-contentinfo",
    "landmark-no-duplicate-main", "landmark-one-main", "landmark-unique",
    "page-has-heading-one", "presentation-role-conflict", "region", "server-side-image-map",
    "skip-link", "table-duplicate-name",
)  # fmt: skip
RUN = """
const [options, omitted, done] = arguments;
const known = axe.getRules().map((rule) => rule.ruleId);  // an unknown one would be an error
const off = omitted.filter((name) => known.includes(name));
options.rules = Object.fromEntries(off.map((name) => [name, { enabled: false }]));
axe.run(document, options).then(({ violations }) => done(violations.map((violation) => [
  violation.impact,
  `${violation.help}: ${violation.nodes.map((node) => node.html.slice(0, 120)).join(" ")}`,
])));
"""


@cache
def read_axe() -> str:
    """Return the script, empty where it is not installed; NODE_PATH may name its folder."""
    folders = (*os.environ.get("NODE_PATH", "").split(os.pathsep), *FOLDERS)
    files = (Path(folder, "axe-core", "axe.min.js") for folder in folders if folder)
    return next((file.read_text(encoding="utf-8") for file in files if file.is_file()), "")


def find_barriers(window: Window) -> Iterator[str]:
    """Yield what hinders people seriously on the page that is open."""
    if script := read_axe():
        window.run_script(script)
        found = window.driver.execute_async_script(RUN, OPTIONS, NOT_ASKED)
        yield from (f"axe: {text}" for impact, text in found if impact in SERIOUS)
