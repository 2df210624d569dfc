"""The schema and the rules beyond it: a sound file passes, and each rule refuses one that is not."""

import hashlib
from pathlib import Path

import pytest

from icanalysis import iati_check
from icanalysis.language import language

SOUND = (Path(__file__).parent / "reference" / "iati.xml").read_text(encoding="utf-8")


def found(text):
    english = language("en")
    return [english.say(problem) for problem in iati_check.problems(text.encode())]


def test_a_sound_file_passes():
    assert found(SOUND) == []


def test_the_schema_is_the_published_one():
    folder = iati_check.SCHEMA.parent
    sums = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.xsd")
    }
    assert sums == {
        "iati-activities-schema.xsd": "62c91a66c82ee26864d5e6c3f4bd6358de14d3aec69bc649db85da9f9a0792bc",
        "iati-common.xsd": "322692e4ea1f4434b154855f381eb4bd972aaa2e1349dfaf9578b775ad6c9c6b",
        "xml.xsd": "61960fb3131e38022caad5360e2f33a3382578ab3c80cd58bd74320ede61b20c",
    }


def test_an_element_out_of_its_order_is_refused_by_the_schema():
    """In a baseline the comment comes last; in an actual it comes before document links."""
    before = '<location ref="a"/><dimension name="sex" value="woman"/>'
    assert before in SOUND
    (told,) = found(
        SOUND.replace(before, '<dimension name="sex" value="woman"/><location ref="a"/>', 1)
    )
    assert told.startswith("line ")
    assert "Element 'location': This element is not expected." in told


@pytest.mark.parametrize(
    ("before", "after", "rule", "trouble"),
    [
        ("XX-1-case</iati-id", "XX-1</iati-id", "1.1.3", "the activity has the identifier of its publisher"),
        ("XX-1-case</iati-id", "YY-1-case</iati-id", "1.1.1",
         "the identifier does not begin with that of the publisher"),
        ("XX-1-case</iati-id", "XX-1-a/b</iati-id", "1.3.13", "a reference holds one of / & | ? or a space"),
        ('ref="XX-2"', 'ref="XX|2"', "1.8.13", "a reference holds one of / & | ? or a space"),
        ('<participating-org role="4" ref="XX-2"/>', '<participating-org role="4"/>', "6.10.1",
         "an organisation has neither a reference nor a name"),
        ('<owner-org ref="XX-3"/>', "<owner-org/>", "6.8.1",
         "an organisation has neither a reference nor a name"),
        ('<activity-date type="1" iso-date="2010-01-01"/>', "", "6.11.1", "the activity has no start date"),
        ('type="1" iso-date="2010-01-01"', 'type="1" iso-date="2014-01-01"', "11.1.2",
         "the activity starts after it ends"),
        ('<sector vocabulary="1" code="25010"/>', "", "6.2.2", "the activity has no sector"),
        ('<recipient-country code="PE"/>', "", "3.7.1", "the activity has no recipient country or region"),
        ('<baseline year="2009" value="3">', '<baseline year="2009">', "8.8.1",
         "a value is missing; leave the element out instead"),
        ('<baseline year="2009" value="3">', '<baseline year="2009" value="n/a">', "8.8.2",
         "“n/a” is not a number"),
        ('<baseline year="2010">', '<baseline year="2010" value="3">', "8.8.3",
         "a qualitative measure has a value"),
        ('<target value="10">', "<target>", "8.9.1", "a value is missing; leave the element out instead"),
        ('<target value="10">', '<target value="1,000">', "8.9.2", "“1,000” is not a number"),
        ("<target/>", '<target value="1"/>', "8.9.3", "a qualitative measure has a value"),
        ('<actual value="9">', "<actual>", "8.10.1", "a value is missing; leave the element out instead"),
        ('<actual value="9">', '<actual value="9e3">', "8.10.2", "“9e3” is not a number"),
        ("<actual/>", '<actual value="1"/>', "8.10.3", "a qualitative measure has a value"),
        ('period-start iso-date="2010-01-01"', 'period-start iso-date="2013-01-01"', "8.6.1",
         "a period starts after it ends"),
        ("<!-- result -->", '<reference vocabulary="99" code="r"/>', "8.11.1",
         "a result and its indicator both have a reference"),
        ('value="3"><location ref="a"/>', 'value="3"><location ref="b"/>', "own", "the activity has no location “b”"),
        ('value="woman"', 'value="9"', "own", "a dimension has a number for its label"),
        ('name="sex" value="woman"', 'name="sex"', "own", "a dimension lacks its name or its label"),
        ('<actual value="4"><dimension name="sex" value="man"/>',
         '<actual value="4"><location ref="a"/><dimension name="sex" value="woman"/>', "own",
         "two values are of the same place and group"),
        ('<narrative xml:lang="en">Case</narrative>', "<narrative>Case</narrative>", "4.1.1",
         "a narrative does not say its language"),
        ('<narrative xml:lang="en">Case</narrative>', "", "own", "a narrative is not told once in each language"),
        ('<narrative xml:lang="en">Case</narrative>', '<narrative xml:lang="en"> </narrative>', "4.3.1",
         "a narrative is empty"),
    ],
)  # fmt: skip
def test_each_rule_refuses_a_file(before, after, rule, trouble):
    assert before in SOUND
    (told,) = found(SOUND.replace(before, after, 1))
    assert told.endswith(f", rule {rule}: {trouble}")
    assert told.startswith("line ")


def test_all_problems_are_told_at_once():
    text = SOUND.replace('<sector vocabulary="1" code="25010"/>', "", 1)
    text = text.replace('<actual value="9">', "<actual>", 1)
    assert [told.partition("rule ")[2][:5] for told in found(text)] == ["6.2.2", "8.10."]
