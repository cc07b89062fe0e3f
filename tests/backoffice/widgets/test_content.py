"""The one template that renders tables, figures, bars and notes."""

from django.template.loader import render_to_string

from accounts.models import User
from backoffice.widgets.bar_chart import BarChart
from backoffice.widgets.content import Cell, Content, FigureList, Link, Note, Table


def rendered(content: Content) -> str:
    administrator = User(is_superuser=True)  # may follow every link
    html = render_to_string("backoffice/content.html", {"content": content, "user": administrator})
    return " ".join(html.split()).replace("> <", "><")


def test_a_table_marks_numbers_tones_and_links() -> None:
    rows: list[list[object]] = [[Link("one", "/1/"), Cell("2.00", tone="bad")], ["<b>", 3]]
    html = rendered(Table(("Name", "#Lots"), rows, title="Open", note="Not all."))
    assert html.startswith('<h3 class="house-title">Open</h3><p class="mb-2">Not all.</p>')
    assert '<th scope="col">Name</th><th scope="col" class="number">Lots</th>' in html
    assert '<td><a href="/1/">one</a></td><td class="number bad">2.00</td>' in html
    assert '<td>&lt;b&gt;</td><td class="number">3</td>' in html


def test_a_table_without_rows_says_so() -> None:
    assert rendered(Table(("Name",), [])) == '<p class="house-empty">None.</p>'
    assert rendered(Table(("Name",), [], empty="No lots")) == '<p class="house-empty">No lots</p>'


def test_a_share_is_a_bar_from_the_middle() -> None:
    html = rendered(Table(("#Pip",), [[Cell("5", share=1.0)], [Cell("-2", share=-0.5)], ["0"]]))
    assert 'x="30.0" y="1" width="29.0" height="8" class="series-0"' in html
    assert 'x="15.5" y="1" width="14.5" height="8" class="series-1"' in html
    assert html.count("<svg") == 2


def test_figures_have_tones_and_links() -> None:
    html = rendered(FigureList([("State", Cell("ok", tone="good")), ("Login", Link("7", "/7/"))]))
    assert '<div><dt>State</dt><dd class="good">ok</dd></div>' in html
    assert '<dd><a href="/7/">7</a></dd>' in html


def test_a_note_has_a_tone() -> None:
    assert rendered(Note("late", "warn")) == '<p class="house-note warn">late</p>'


def test_bars_share_the_place_of_their_label() -> None:
    chart = BarChart("USD a day", ["1 May", "2 May"], [("in", [0, 1234.5]), ("out", [617.25, 0])])
    first, second, third, _ = chart.bars
    assert (first.x, second.x, first.width) == ("5.00%", "25.00%", "20.00%")
    assert (second.y, second.height, second.title) == ("76.0", "58.0", "1 May, out: 617.25")
    assert (third.height, third.series) == ("116.0", 0)
    assert chart.maximum_text == "1,234"
    html = rendered(chart)
    assert "<title>2 May, in: 1,234.5</title>" in html
    assert '<span class="house-key series-1"></span>out' in html


def test_negative_bars_hang_from_the_line_of_zero() -> None:
    chart = BarChart("USD a day", ["1 May", "2 May"], [("result", [300, -100])])
    above, below = chart.bars
    assert (above.y, above.height) == ("18.0", "87.0")
    assert (below.y, below.height, below.title) == ("105.0", "29.0", "2 May, result: -100")
    assert '<line x1="0" x2="100%" y1="105" y2="105"/>' in rendered(chart)
    only_losses = BarChart("USD a day", ["1 May"], [("result", [-5])])
    assert [(bar.y, bar.height) for bar in only_losses.bars] == [("18.0", "116.0")]


def test_the_last_label_is_always_shown_and_never_too_many() -> None:
    for count in (1, 7, 8, 14, 30, 31):
        labels = [str(day) for day in range(count)]
        shown = [text for _, _, text in BarChart("", labels, [("fired", [0] * count)]).axis_labels]
        assert shown[-1] == labels[-1]
        assert len(shown) <= 7
        assert len(set(shown)) == len(shown)
