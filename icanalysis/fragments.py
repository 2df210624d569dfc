"""Pieces of HTML that `explore` shows: sentences, a drawn chart, a page's question, code to copy."""

from __future__ import annotations

import base64
import html
from functools import cache

from icanalysis import page
from icanalysis.language import Language
from icanalysis.layout import TEMPLATES, template
from icanalysis.shown import Chart, Shown


@cache
def style() -> str:
    """Return the style sheet of everything `explore` shows, as an element."""
    return f"<style>{(TEMPLATES / 'explore.css').read_text(encoding='utf-8')}</style>"


@cache
def in_voila() -> str:
    """Return what makes Voila's page one a screen reader finds its way in.

    A template of our own would have to be installed among Jupyter's data: Voila looks nowhere
    else, and fails where it is not found.
    """
    return (TEMPLATES / "voila.html").read_text(encoding="utf-8")


def framed(inner: str, language: str = "") -> str:
    """Put HTML where the style sheet reaches it, in its language."""
    lang = f' lang="{language}"' if language else ""
    return f'<div class="icanalysis"{lang}>{inner}</div>'


def sentences(view: Shown, reader: Language) -> str:
    """Lay out the sentences of a view, the first most prominent, under its warning."""
    return template("shown.html.j2").render(
        language=reader.code,
        warning=view.warning,
        badge=reader.say("SIMULATED"),
        sentences=view.told,
    )


def drawn(chart: Chart | None, reader: Language) -> str:
    """Draw a chart as an image that carries its own bytes; nothing where there is none.

    In a frame, in which a phone scrolls it.
    """
    if chart is None:
        return ""
    figure = chart.draw()
    coded = base64.b64encode(page.picture(figure)).decode()
    return framed(
        f'<div class="chart" role="group" tabindex="0" aria-label="{reader.say("Chart")}">'
        f'<img alt="{html.escape(chart.alt)}" width="{page.shown_width(figure)}" '
        f'src="data:image/png;base64,{coded}"></div>',
        reader.code,
    )


def question(reader: Language) -> str:
    """Word the page's question and how to use it: in a notebook its own cells say so."""
    told = reader.say(
        "Each control offers only what there is for what was chosen in those before it. The sentence, "
        "the chart and the table quote the same figures as the reports. What was not published is said "
        "in words: it is not zero."
    )
    asked = html.escape(reader.say("What changed, where, and how sure are we?"))
    return framed(f"<h1>{asked}</h1><p>{html.escape(told)}</p>", reader.code)


def status(text: str) -> str:
    """Word what goes on, so that a screen reader says it; nothing if there is nothing to say."""
    return framed(f'<p role="status">{html.escape(text)}</p>') if text else ""


def copied(code: str, reader: Language) -> str:
    """Show code with a button that copies it.

    The browser copies; where it may not, the text can be marked and copied by hand.
    """
    copy, name = html.escape(reader.say("Copy")), html.escape(reader.say("Code of this view"))
    hint = html.escape(reader.say("Paste it in a new cell of this notebook: it shows this view."))
    act = "navigator.clipboard.writeText(this.parentNode.querySelector('pre').textContent)"
    return framed(
        f'<p>{hint}</p><button type="button" onclick="{act}">{copy}</button>'
        f'<pre tabindex="0" role="group" aria-label="{name}">{html.escape(code)}</pre>',
        reader.code,
    )
