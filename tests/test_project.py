"""What the project says of itself: its dependencies twice, its lock, its commands, its files."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
NEEDED = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PYTHONS = ("3.11", "3.12", "3.13")


def bounds(texts):
    """Name and bounds of each requirement, however they are spelt."""
    found = [Requirement(text) for text in texts]
    return {canonicalize_name(item.name): item.specifier for item in found}


# --- environment.yml ------------------------------------------------------------------


def test_conda_and_pip_are_asked_for_the_same():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert set(environment) == {"name", "channels", "dependencies"}
    assert environment["name"] == PROJECT["name"] == "icanalysis"
    assert environment["channels"] == ["conda-forge"]
    *packages, pip, itself = environment["dependencies"]
    assert pip == "pip"
    *from_pip, project = itself["pip"]
    assert project == "-e ."
    conda = bounds(packages + from_pip)
    assert conda.pop("python") == Requirement(f"python{PROJECT['requires-python']}").specifier
    conda["duckdb"] = conda.pop("python-duckdb")  # conda-forge's name of the library
    assert conda == bounds(NEEDED)
    assert len(packages) + len(from_pip) == len(NEEDED) + 1


# --- requirements.lock ----------------------------------------------------------------


def locked():
    """Entries of the lock: each requirement with its hashes."""
    entries = []
    for entry in re.split(r"\n(?=\S)", LOCK.strip()):
        requirement, *hashes = re.split(r"\s*\\\n\s*", entry)
        entries.append((Requirement(requirement), hashes))
    return entries


def test_every_entry_of_the_lock_is_pinned_and_hashed():
    assert len(locked()) > 100
    for requirement, hashes in locked():
        assert [pin.operator for pin in requirement.specifier] == ["=="], requirement
        assert requirement.url is None, requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", item) for item in hashes)


def test_the_lock_names_no_address_and_no_index():
    assert "://" not in LOCK
    options = {line.split("=")[0].split()[0] for line in LOCK.splitlines() if "--" in line[:8]}
    assert options <= {"--hash"}


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_the_lock_holds_what_is_asked_for_within_its_bounds(python, platform):
    system = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[platform]
    here = default_environment() | {
        "python_version": python,
        "python_full_version": f"{python}.5",
        "sys_platform": platform,
        "platform_system": system,
        "os_name": "nt" if platform == "win32" else "posix",
    }
    versions = {}
    for requirement, _ in locked():
        if requirement.marker is None or requirement.marker.evaluate(here):
            name = canonicalize_name(requirement.name)
            assert name not in versions, f"two versions of {name}"
            versions[name] = next(iter(requirement.specifier)).version
    for name, specifier in bounds(NEEDED + PYPROJECT["build-system"]["requires"]).items():
        assert name in versions, name
        assert specifier.contains(versions[name]), f"{name} {versions[name]}"


def test_every_python_promised_is_in_the_makefile_too():
    assert PROJECT["requires-python"] == f">={PYTHONS[0]},<3.{int(PYTHONS[-1][2:]) + 1}"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "(3, 11) <= sys.version_info[:2] <= (3, 13)" in makefile


# --- commands the documents name --------------------------------------------------------


def make_targets():
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


@pytest.mark.parametrize("name", ["README.md", "LEEME.md", "CONTRIBUTING.md"])
def test_every_make_command_a_document_names_exists(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    code = re.findall(r"```.*?```|`[^`\n]+`", text, re.S)
    named = {
        target for part in code for target in re.findall(r"\bmake (?:\w+=\S+ )*([a-z]+)", part)
    }
    assert named, f"{name} names no make command"
    assert named <= make_targets()


def test_every_target_that_is_no_file_is_declared_so():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = re.search(r"^\.PHONY: (.*)$", makefile, re.M)
    assert declared
    assert set(declared[1].split()) == make_targets()


# --- what no file may name --------------------------------------------------------------

GENERATED = {
    ".git", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis",
    ".ipynb_checkpoints", "__pycache__", "build", "dist",
}  # fmt: skip
# Addresses of package indexes and their mirrors, and the options that name one.
INDEX = re.compile(
    r"https?://\S+/simple\b|--(?:extra-)?index-" + r"url|find-" + r"links|(?<!\w)py" + r"pi\."
)
# A folder of one machine; in the middle of a web address the same words are harmless.
ONE_MACHINE = re.compile(r"(?<![\w.~:/-])/(?:home|root|Users|work)/\w|[A-Z]:\\+Users\\")


def text_files():
    """Every file of the project that is text, generated ones apart."""
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT).parts
        if not path.is_file() or GENERATED & set(inside) or inside[0] == "reports":
            continue
        if any(part.endswith(".egg-info") for part in inside):
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            yield "/".join(inside), content.decode("utf-8")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/" + "home/ana/data", True),
        ('cwd: "/' + 'root/x"', True),
        ("C:" + "\\Users\\ana", True),
        ("https://example.org/home/page", False),
        ("a/home/b", False),
    ],
)
def test_a_path_of_one_machine_is_recognised(text, found):
    assert bool(ONE_MACHINE.search(text)) == found


def test_no_file_names_an_index_or_a_path_of_one_machine():
    files = dict(text_files())
    assert {"pyproject.toml", "Makefile", "icanalysis/load.py", "data/sources.csv"} <= set(files)
    found = [
        f"{name}: {match[0]}"
        for name, text in files.items()
        for pattern in (INDEX, ONE_MACHINE)
        for match in pattern.finditer(text)
    ]
    assert found == []
