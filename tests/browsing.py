"""A browser that notes what goes wrong, and a JupyterLab to point it at.

The browser is the machine's own, found by name or named in `ICANALYSIS_BROWSER`; without one the
tests that need it skip. Playwright's own download is not used.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
import requests

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HERE = ("127.0.0.1", "localhost", "")  # a file has no host
# No question asked on opening, every cell drawn even where it is out of sight.
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false"},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}
# Simulations that a notebook repeats: nbval runs them all, here a few show that they run.
SLOW = r"^(programmes: int =) \d+"
PATIENCE = 60  # seconds until the server answers


def program():
    """Where the browser is, or skip; one that was named and is not there is a mistake."""
    named = os.environ.get("ICANALYSIS_BROWSER")
    if named:
        if not Path(named).is_file():
            pytest.fail(f"ICANALYSIS_BROWSER is {named}, and there is no such file")
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("needs Chromium or Chrome: install one, or name it in ICANALYSIS_BROWSER")
    return found


@contextmanager
def started(playwright):
    """A browser without a window. Chromium refuses its sandbox to root."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    arguments = ["--no-sandbox"] if root else []
    browser = playwright.chromium.launch(executable_path=program(), args=arguments)
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def watched(browser, **options):
    """A window, and the list of what went wrong in it: errors, and requests that left."""
    context = browser.new_context(**options)
    troubles = []

    def said(message):
        if message.type == "error":
            troubles.append(f"console: {message.text}")

    def asked(request):
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and (address.hostname or "") not in HERE:
            troubles.append(f"request: {request.url}")

    context.on("console", said)
    context.on("weberror", lambda found: troubles.append(f"error: {found.error}"))
    context.on("request", asked)
    try:
        yield context, troubles
    finally:
        context.close()


def free_port():
    """A port nobody listens on now."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def workbook(folder, root, names):
    """Copy notebooks without their outputs, with the data they read, as a user's own folder."""
    shutil.copytree(root / "data", folder / "data")
    (folder / "notebooks").mkdir()
    for name in names:
        notebook = nbformat.read(root / "notebooks" / name, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
                cell.source = re.sub(SLOW, r"\1 4", cell.source, flags=re.M)
        nbformat.write(notebook, folder / "notebooks" / name)


@contextmanager
def served(home, folder, *, app):
    """Serve a folder by JupyterLab or Voila, with settings of its own: nobody's are touched.

    Yields the address. No token: the port is this machine's own, and closed after the test.
    """
    settings = home / "settings"
    for name, values in SETTINGS.items():
        path = settings / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    own = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": settings,
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
    }
    port = free_port()
    with (home / f"{app}.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", app, *_options(app, port, folder)],
            env=os.environ | {name: str(path) for name, path in own.items()},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _await(server, address, Path(log.name))
            yield address
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE)


def _options(app, port, folder):
    if app == "voila":
        return ["--no-browser", f"--port={port}", str(folder / "notebooks")]
    return [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder}",
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]


def _await(server, address, log):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            requests.get(address, timeout=PATIENCE)
        except requests.ConnectionError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the server did not start: {log.read_text(encoding='utf-8')[-2000:]}")


def run_all(page, address, name):
    """Open a notebook in JupyterLab and choose Run > Run All Cells; return what its cells show.

    Waits for what is shown, not for a time: a kernel that is ready (before that JupyterLab asks
    which one is meant), then until every cell has run, or one shows an error, which JupyterLab
    shows as it does any message to stderr. A workspace of its own: no notebook opens beside it.
    """
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(f"{address}/lab/workspaces/{Path(name).stem}/tree/notebooks/{name}")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    page.get_by_text(re.compile(r"\| Idle$")).wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(
        """() => {
            const ran = [...document.querySelectorAll(
                '.jp-Notebook .jp-CodeCell .jp-InputArea-prompt')];
            return document.querySelector('[data-mime-type="application/vnd.jupyter.stderr"]')
                || ran.length && ran.every(prompt => /\\[\\d+\\]/.test(prompt.textContent));
        }""",
        timeout=240_000,
    )
    return page.evaluate(
        """() => {
            const all = kind => [...document.querySelectorAll(`.jp-Notebook .jp-Cell ${kind}`)];
            return {
                errors: all('[data-mime-type="application/vnd.jupyter.stderr"]')
                    .map(found => found.textContent),
                pictures: all('.jp-OutputArea-output img')
                    .filter(image => image.complete && image.naturalWidth).length,
                tables: all('.jp-OutputArea-output table').length,
            };
        }"""
    )


def end_kernels(address):
    """Stop the kernels a server runs, so that one notebook's does not slow the next."""
    for session in requests.get(f"{address}/api/sessions", timeout=PATIENCE).json():
        requests.delete(f"{address}/api/sessions/{session['id']}", timeout=PATIENCE)
