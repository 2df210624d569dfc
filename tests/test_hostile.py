"""Damaged and hostile files, some of each kind: each is told or harmless, and none does anything.

`benchmarks/hostile_inputs.py` draws a thousand.
"""

import hostile
import pytest

from icanalysis import gate

EACH = 4


@pytest.mark.parametrize("kind", hostile.MAKERS)
def test_each_kind_is_met_well(kind, tmp_path):
    place = list(hostile.MAKERS).index(kind)
    for number in range(EACH):
        folder = tmp_path / str(number)
        folder.mkdir()
        given = hostile.drawn(number * len(hostile.MAKERS) + place)
        assert hostile.trouble(given, folder) is None


def test_what_they_are_made_from_is_sound(tmp_path):
    """Or what is told of them would be told of it."""
    for name, content in (("a.html", hostile._page()), ("a.ipynb", hostile._notebook())):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        assert gate.findings(path, gate.Watch()) == []
    for name in hostile.TABLES:
        path = tmp_path / f"{name}.csv"
        header, rows = hostile._csv(name)
        if rows:
            path.write_bytes(hostile._csv_bytes(header, rows))
            assert not hostile._as_table(name)(path)


def test_what_is_met_badly_is_seen(tmp_path, monkeypatch):
    """A gate that finds nothing, one that ends in an error, one that writes."""

    def met(watcher):
        folder = tmp_path / watcher.__name__
        folder.mkdir()
        monkeypatch.setattr(gate, "findings", watcher)
        return hostile.trouble(hostile.payload_in_a_page(hostile.random.Random(1)), folder)

    def silent(path, watch):
        return []

    def broken(path, watch):
        raise KeyError(path)

    def untidy(path, watch):
        path.with_suffix(".tmp").touch()
        return []

    assert "nothing was told" in met(silent)
    assert "KeyError" in met(broken)
    assert "written beside" in met(untidy)
