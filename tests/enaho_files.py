"""A small valid year of ENAHO in INEI's own form, to read and to damage.

Two dwellings in each of four sampling units; the first household of each is poor.
"""

import gzip
import zipfile

import pandas as pd
import pyreadstat

YEAR = 2019
LINE, EXTREME = 350.0, 190.0


def sumaria():
    """Eight households; weights, strata and districts are constant within a sampling unit."""
    rows = []
    for unit, (ubigeo, stratum, weight) in enumerate(
        [("050101", 4, 120.5), ("050201", 8, 80.25), ("150101", 1, 300.75), ("070101", 1, 250.5)]
    ):
        for dwelling, spending in enumerate((150.0, 900.0)):
            members = 3 + dwelling
            rows.append(
                {
                    "año": str(YEAR), "mes": "05", "conglome": f"00500{unit}",
                    "vivienda": f"{dwelling + 7:03}", "hogar": "11", "ubigeo": ubigeo,
                    "dominio": 8 if ubigeo < "050000" or ubigeo[:2] in ("07", "15") else 5,
                    "estrato": stratum, "mieperho": members,
                    "inghog1d": 12.0 * members * (spending + 100),
                    "gashog2d": 12.0 * members * spending,
                    "linpe": EXTREME, "linea": LINE,
                    "pobreza": 1 if spending < EXTREME else 3, "factor07": weight,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def members():
    """The persons of `sumaria`, and in the first household one who is no member."""
    rows = []
    for household in sumaria().to_dict("records"):
        for person in range(1, household["mieperho"] + 1):
            rows.append(
                {
                    **{name: household[name] for name in ("año", "conglome", "vivienda", "hogar")},
                    "codperso": f"{person:02}", "p203": 1 if person == 1 else 3, "p204": 1.0,
                    "p207": 1.0 + person % 2, "p208a": 60.0 / person,
                    "facpob07": household["factor07"],
                }
            )  # fmt: skip
    left = {**rows[0], "codperso": "09", "p203": 0, "p204": None, "p207": None, "p208a": None}
    return pd.DataFrame([*rows, left]).round({"p208a": 0})


def employment():
    """Module 500 of the first two persons of each household."""
    frame = members()
    frame = frame[frame["codperso"] <= "02"].drop(columns=["p203", "p204", "facpob07"])
    return frame.assign(
        ocu500=[1, 4] * 8, ocupinf=[1.0, None] * 8, p506r4=[111.0, None] * 8, fac500a=100.5
    ).reset_index(drop=True)


def governance():
    """Module 01B in the spelling of its CSV: upper case, a blank for an empty cell."""
    frame = sumaria()[["año", "mes", "conglome", "vivienda", "hogar", "ubigeo", "dominio",
                       "estrato", "factor07"]]  # fmt: skip
    frame = frame.assign(
        p32=[1, 2, 3, 4, 9, 1, 2, " "], p33_1=[1, 2, 3, 9] * 2, p33_2=[3, 2, 1, 9] * 2,
        p37=[1, 2, 3, 4, 9, 1, 2, " "], p38=[800, 99999, 500, 400, 300, 200, 100, " "],
    )  # fmt: skip
    return frame.rename(columns=str.upper)


def write(frame, path):
    """Write a frame as its file's name says, as INEI does: CSV in Latin-1."""
    name = path.name.lower()
    if name.endswith(".dta"):
        frame.to_stata(path, write_index=False, version=118)
    elif name.endswith(".sav"):
        pyreadstat.write_sav(frame, path)
    else:
        content = frame.to_csv(index=False, lineterminator="\r\n").encode("latin-1")
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def zipped(path, *files, names=None):
    """Put files in an archive, under their own names or these."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, name in zip(files, names or [file.name for file in files], strict=True):
            archive.write(file, name)
    return path
