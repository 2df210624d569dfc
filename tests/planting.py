"""Leaks to plant in copies of real outputs, each with the kind it must be found as.

Paths and secrets are put together here: no file of the project may hold one as it is.
"""

import base64
import io
import json

from PIL import Image, PngImagePlugin

HOME = "/" + "home/ana/evaluation/producers.csv"
WINDOWS = "C:" + "\\Users\\ana\\Documents\\padron.xlsx"
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
AWS = "AKIA" + "IOSFODNN7QWERTYU"
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----"
RUC = "20131312955"  # a public office's, with its right check digit
DNI = "45678912"


def png(**texts):
    """A small picture that carries these texts."""
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    made = io.BytesIO()
    Image.new("RGB", (4, 4)).save(made, "PNG", pnginfo=info)
    return made.getvalue()


def located():
    """A photograph that knows where it was taken."""
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "S", 2: (13.0, 31.0, 0.0), 3: "W", 4: (71.0, 58.0, 0.0)})
    made = io.BytesIO()
    Image.new("RGB", (4, 4)).save(made, "JPEG", exif=exif)
    return made.getvalue()


def uri(data, kind="image/png"):
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def table(header, *rows, caption="Groups"):
    """A table as the package's own pages hold it, on one line."""
    head = "".join(f'<th scope="col">{title}</th>' for title in header)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<figure class="table"><table><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></figure>"
    )


PRODUCERS = ("producer_id", "wave", "community", "sex", "age", "income_soles")
ROW = ("X", "baseline", "AYA-C01", "woman", "41", "404")

# In a page or an HTML output: each fragment is one line.
MARKUP = [
    ("small-cell", table(["Producers", "Interviewed"], ["Women", "4"])),
    ("small-cell", table(["Hogares", "Encuestas simuladas"], ["Rural", "1,293 / 7"])),
    ("small-cell", table(["Productores", "En la línea de base"], ["programa", "9"])),
    ("small-cell", table(["Community", "n"], ["Chinchero", "3.0"])),
    ("small-cell", table(["Quiénes participaron", "Cusco"], ["Mujeres", "6"])),
    ("small-cell", table(["Group", "n (%)"], ["Women", "3 (12%)"])),
    ("row-level", table(PRODUCERS, ROW)),
    ("row-level", table(["household_id", "spent"], *[[str(900 + n), "5"] for n in range(6)])),
    ("row-level", table(["conglome", "vivienda", "hogar", "gasto"], ["005034", "022", "11", "90"])),
    ("producer", "<p>As AYA-0001 told us.</p>"),
    ("national-id", f"<p>DNI N° {DNI}</p>"),
    ("national-id", f"<p>con <b>DNI</b> <i>{DNI}</i></p>"),
    ("national-id", f'<p data-row="DNI: {DNI}">A.</p>'),
    ("national-id", table(["Socia", "DNI"], ["Presidenta", DNI])),
    ("national-id", f"<dl><dt>DNI</dt><dd>{DNI}</dd></dl>"),
    ("national-id", f"<p>D.N.I. {DNI}, documento de identidad</p>"),
    ("tax-number", f"<p>Factura de {RUC}.</p>"),
    ("phone", "<p>Llamar al +51 984 123 456</p>"),
    ("phone", "<p>Oficina: +51.1 427.8827</p>"),
    ("phone", "<p>Celular: 984123456</p>"),
    ("phone", "<p>984 123 456</p>"),
    ("phone", '<a href="https://wa.me/51984123456">A.</a>'),
    ("phone", "<p>telf. 084-234567</p>"),
    ("e-mail", "<p>ana.quispe@example.org</p>"),
    ("e-mail", '<p><a href="mailto:ana@example.org">A.</a></p>'),
    ("coordinates", "<p>-13.51952, -71.97822</p>"),
    ("coordinates", "<p>13°31'07\"S</p>"),
    ("coordinates", f'<p><img alt="A." src="{uri(located(), "image/jpeg")}"></p>'),
    ("path", f"<p>Read from {HOME}</p>"),
    ("path", f"<p>{WINDOWS}</p>"),
    ("path", f'<p><img alt="A." src="{uri(png(Comment=HOME))}"></p>'),
    ("path", f'<script type="application/json">{json.dumps({"file": HOME})}</script>'),
    ("user-name", '<meta name="author" content="Ana Quispe">'),
    ("traceback", "<pre>Traceback (most recent call last):</pre>"),
    ("secret", f"<p>{TOKEN}</p>"),
    ("secret", f"<p>{KEY}</p>"),
    ("secret", "<p>password: 7Huacaya9</p>"),
    ("widget-state", '<script type="application/vnd.jupyter.widget-state+json">{}</script>'),
    ("hidden", "<p hidden>A.</p>"),
    ("hidden", '<p style="display: none">A.</p>'),
    ("hidden", '<p style="position: absolute; left: -9999px">A.</p>'),
    ("comment", "<!-- ask them again -->"),
    ("active", "<script>alert(1)</script>"),
    ("active", table(["Association"], ["<script>alert(1)</script>"])),
    ("active", '<p onclick="alert(1)">A.</p>'),
    ("active", '<a href="java&#10;script:alert(1)">A.</a>'),
    ("active", '<iframe srcdoc="A."></iframe>'),
    ("foreign-style", "<style>p { color: white }</style>"),
    ("remote", '<img alt="A." src="https://example.org/a.png">'),
    ("remote", '<link rel="stylesheet" href="//example.org/a.css">'),
    ("remote", '<p style="background: url(https://example.org/a.png)">A.</p>'),
    ("remote", "<style>@import url('https://example.org/a.css');</style>"),
    ("unseen-characters", "<p>abc\u202efed</p>"),
]


def cell(kind="code", source="1", outputs=(), **metadata):
    held = {"cell_type": kind, "metadata": metadata, "source": source, "id": "planted"}
    return {**held, "outputs": list(outputs), "execution_count": 1} if kind == "code" else held


def shown(kind, value, **metadata):
    return {"output_type": "display_data", "data": {kind: value}, "metadata": metadata}


def said(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


FRAME = "  producer_id  income\n" + "\n".join(f"{n}  AYA-1{n:03}  {n}00" for n in range(6))
# Cells of a notebook.
CELLS = [
    ("path", cell(source=f"open('{HOME}')")),
    ("path", cell(outputs=[said(f"saved to {HOME}\n")])),
    ("path", cell(papermill={"input_path": HOME})),
    (
        "traceback",
        cell(
            outputs=[{"output_type": "error", "ename": "KeyError", "evalue": "x", "traceback": []}]
        ),
    ),
    ("traceback", cell(outputs=[said("\x1b[31mTraceback (most recent call last)\x1b[0m")])),
    ("row-level", cell(outputs=[shown("text/plain", FRAME)])),
    (
        "row-level",
        cell(outputs=[shown("application/json", [dict(zip(PRODUCERS, ROW, strict=True))])]),
    ),
    ("small-cell", cell(outputs=[said("village  n\nA  3\nB  40\n")])),
    (
        "small-cell",
        cell(outputs=[shown("text/html", table(["Households", "Interviewed"], ["A", "2"]))]),
    ),
    ("producer", cell("raw", "AYA-0002")),
    ("secret", cell(source=f"key = '{AWS}'")),
    ("secret", cell(source="url = 'https://ana:" + "Wari2010@example.org/'")),
    (
        "widget-state",
        cell(outputs=[shown("application/vnd.jupyter.widget-view+json", {"model_id": "a"})]),
    ),
    ("hidden", cell(jupyter={"source_hidden": True})),
    ("hidden", cell(tags=["remove-cell"])),
    ("comment", cell("markdown", "A.\n\n<!-- not for them -->")),
    ("active", cell("markdown", "[A.](javascript:alert(1))")),
    ("active", cell(outputs=[shown("application/javascript", "alert(1)")])),
    (
        "active",
        cell(
            outputs=[
                shown("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' onload='a()'/>")
            ]
        ),
    ),
    ("remote", cell("markdown", "![A.](https://example.org/a.png)")),
    (
        "remote",
        cell(outputs=[shown("text/markdown", '<video src="https://example.org/a"></video>')]),
    ),
    ("national-id", cell("markdown", f"| Socia | DNI |\n|---|---|\n| Presidenta | {DNI} |")),
    ("tax-number", cell(outputs=[shown("text/latex", RUC)])),
    (
        "phone",
        cell(
            outputs=[
                shown("application/vnd.plotly.v1+json", {"data": [{"name": "+51 984 123 456"}]})
            ]
        ),
    ),
    (
        "coordinates",
        cell(outputs=[shown("application/geo+json", {"lat": -13.51952, "lon": -71.97822})]),
    ),
    (
        "e-mail",
        cell(outputs=[shown("image/png", base64.b64encode(png(Note="ana@example.org")).decode())]),
    ),
    (
        "unreadable",
        cell(outputs=[shown("image/png", base64.b64encode(b"\x89PNG broken").decode())]),
    ),
]
