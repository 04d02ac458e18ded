"""Reading one file: the fast reader says what a real parser says, or nothing; bombs are refused."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from re._parser import SubPattern  # type: ignore[import-not-found]
from re._parser import parse as parse_expression
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.imports.layouts.aaf.common import (
    fast,
    prolog,
    reader,
    rows,
    safe,
    values,
)
from directory.imports.layouts.aaf.common import (
    file_names as names,
)
from directory.imports.layouts.aaf.common.reader import AafFile
from directory.imports.layouts.aaf.second import pupils, school_names
from directory.imports.layouts.aaf.second.layout import SECOND
from directory.imports.layouts.errors import DeliveryRefused
from tests.directory.imports.deliveries import document, record, small_school

ROOT = Path(__file__).resolve().parents[3]
PUPIL = small_school(1).pupils["1"]


def read(path: Path, category: str = "Eleve") -> list[tuple[str, dict[str, str]]]:
    with AafFile(path, layout=SECOND.of(category), name=path.name) as file:
        return [
            (made.external_id, {k: v for k, v in made.attributes.items() if v})
            for _, _, _, made in file.objects()
            if made.problem is None
        ]


def write(tmp_path: Path, text: str | bytes, encoding: str = "iso8859-15") -> Path:
    path = tmp_path / "X_Complet_20260901_Eleve_0000.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def two(**changes: Any) -> list[str]:
    """A plain pupil, from which the shape is learned, then one with *changes*."""
    return [record("Eleve", "1", PUPIL), record("Eleve", "2", {**PUPIL, **changes})]


def test_names_come_out_right_in_every_accepted_encoding(tmp_path: Path) -> None:
    """T-H2: « Œuvré Žižek € » needs the letters that ISO-8859-15 moved."""
    name = "Œuvré ŽIŽEK"
    for declared, codec in (("ISO-8859-15", "iso8859-15"), ("UTF-8", "utf-8")):
        path = write(tmp_path, document(two(sn=name), encoding=declared), codec)
        assert read(path)[1][1]["sn"] == name
    path = write(tmp_path, document(two(sn="Éléonore"), encoding="ISO-8859-1"), "latin-1")
    assert read(path)[1][1]["sn"] == "Éléonore"
    text = document(two(sn="Été")).replace(' encoding="ISO-8859-15"', "")
    assert read(write(tmp_path, text, "utf-8"))[1][1]["sn"] == "Été"
    path = write(tmp_path, b"\xef\xbb\xbf" + document(two(sn="Été"), encoding="UTF-8").encode())
    assert read(path)[1][1]["sn"] == "Été"


def test_references_and_predefined_entities_are_letters(tmp_path: Path) -> None:
    text = document(two()).replace(
        "<value>NOM1</value>", "<value>D&apos;&#201;T&#xC9; &amp; Cie</value>"
    )
    assert read(write(tmp_path, text))[0][1]["sn"] == "D'ÉTÉ & Cie"


def test_windows_quotes_in_a_latin_file_are_kept_as_such(tmp_path: Path) -> None:
    data = (
        document(two())
        .encode("latin-1")
        .replace(b"<value>NOM1</value>", b"<value>D\x92ORMESSON</value>")
    )
    assert read(write(tmp_path, data.replace(b"8859-15", b"8859-1")))[0][1]["sn"] == "D’ORMESSON"


@pytest.mark.parametrize(
    "variant",
    [
        lambda t: t.replace("<value>NOM1</value>", "<value><![CDATA[N<OM1]]></value>"),
        lambda t: t.replace('<attr name="sn">', "<attr name='sn'>"),
        lambda t: t.replace('<attr name="sn">', '<attr\n  name = "sn" >'),
        lambda t: t.replace("<value>NOM1</value>", "<value>NO<!-- x -->M1</value>"),
        lambda t: t.replace("<value>NOM1</value>", "<value>\n  NOM1\n</value>"),
        lambda t: t.replace("<attributes>\n", "<attributes>\n<!-- </addRequest> -->\n"),
        lambda t: t.replace("<addRequest>", "<?pi x?><addRequest>"),
        lambda t: t.replace("\n", "\r\n"),
        lambda t: t.replace("</value></attr>", "</value>\n</attr>"),
    ],
)
def test_other_ways_of_writing_xml_mean_the_same(
    tmp_path: Path, variant: Callable[[str], str]
) -> None:
    """What the strict expression does not match goes to a real parser, also the cut itself."""
    text = variant(document([record("Eleve", str(n), PUPIL) for n in range(1, 6)]))
    path = write(tmp_path, text)
    expected = [
        "".join(e.itertext()).strip()
        for e in ElementTree.parse(path).iterfind(".//attr[@name='sn']/value")  # noqa: S314
    ]
    found = read(path)
    assert [identifier for identifier, _ in found] == list("12345")
    assert [attributes["sn"] for _, attributes in found] == expected


def test_comments_around_the_objects_leave_the_file_cut(tmp_path: Path) -> None:
    """A file that is read whole costs five times as much; real exports carry such comments."""
    text = document([record("Eleve", str(n), PUPIL) for n in range(1, 4)])
    text = text.replace("<!DOCTYPE", "<!-- a-b -->\n<!--c--><!DOCTYPE")
    text = text.replace("</ficAlim", "<!-- d - e -->\n</ficAlim") + "\n<!--f-->\n"
    path = write(tmp_path, text)
    with AafFile(path, layout=SECOND.of("Eleve"), name=path.name) as file:
        made = [made for _, _, _, made in file.objects()]
        assert not file.whole
    assert [m.is_plain for m in made] == [False, True, True]


@pytest.mark.parametrize("wrong", ["<!-- a -- b -->", "<!-- a --->", "<!-- \x01 -->", "<!-- a"])
@pytest.mark.parametrize("place", ["<!DOCTYPE", "<addRequest>", "</ficAlimMENESR>"])
def test_what_is_not_a_comment_refuses_the_file(tmp_path: Path, wrong: str, place: str) -> None:
    text = document([record("Eleve", "1", PUPIL)]).replace(place, f"{wrong}\n{place}", 1)
    with pytest.raises(DeliveryRefused):
        read(write(tmp_path, text))


def possessive_groups(pattern: str | bytes) -> list[Any]:
    """The possessive repeats and atomic groups of a pattern that hold more than one character."""
    found: list[Any] = []

    def walk(node: Any) -> None:
        if isinstance(node, tuple) and node and str(node[0]) == "POSSESSIVE_REPEAT":
            _, _, repeated = node[1]
            if len(repeated) != 1 or str(repeated[0][0]) not in ("IN", "LITERAL", "NOT_LITERAL"):
                found.append(node)
        if isinstance(node, tuple) and node and str(node[0]) == "ATOMIC_GROUP":
            found.append(node)
        if isinstance(node, tuple | list | SubPattern):
            for child in node:
                walk(child)

    walk(parse_expression(pattern))
    return found


def test_no_expression_repeats_a_group_possessively() -> None:
    """Python before 3.11.5 (Debian 12 has 3.11.2) matches such repeats wrongly: cpython#106052."""
    assert possessive_groups("(?:ab|c)*+")
    assert possessive_groups("x(?:y(?>ab))?")
    shape = fast.learn(SECOND.of("Eleve").attributes(), "add", tuple(PUPIL))
    assert shape is not None
    patterns = [shape.of_any, shape.of_latin]
    for module in (fast, prolog, reader, safe, rows, pupils, values, names, school_names):
        patterns += [v.pattern for v in vars(module).values() if isinstance(v, re.Pattern)]
    assert len(patterns) > 10
    assert [p for p in patterns if possessive_groups(p)] == []


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 4000),
            st.sampled_from(
                ["<", ">", "&", "]]>", "<!--", "-->", "&#0;", "&#233;", "&eacute;", "</addRequest>",
                "<addRequest>", '"', "\x01", "é", "<value/>", "</value><value>", " ", "\n", "",
                "<?x?>", "<![CDATA[", "<a>", "\\", "\t", "&#92;", "&#x1F600;"]
            ),
            st.integers(0, 12),
        ),
        min_size=1,
        max_size=3,
    )
)  # fmt: skip
def test_the_fast_reader_accepts_nothing_that_a_parser_refuses(
    tmp_path: Path, edits: list[tuple[int, str, int]]
) -> None:
    """Random damage: either both read the same file, or it is refused as a whole."""
    text = document([record("Eleve", str(n), PUPIL) for n in range(1, 5)], encoding="UTF-8")
    start = text.index("<addRequest>")
    for place, inserted, removed in edits:
        at = start + place % (len(text) - start)
        text = text[:at] + inserted + text[at + removed :]
    path = write(tmp_path, text, "utf-8")
    try:
        tree = ElementTree.fromstring(  # noqa: S314
            text.replace('<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">', "").encode()
        )
    except ElementTree.ParseError:
        with pytest.raises(DeliveryRefused):
            read(path)
        return
    found = dict(read(path))
    for request in tree.iterfind("addRequest"):
        identifier = "".join(request.findtext("identifier/id") or "").strip()
        names = [
            " ".join((v.text or "").split())
            for v in request.iterfind("attributes/attr[@name='givenName']/value")
        ]
        if identifier in found and len(names) == 1 and found[identifier].get("givenName"):
            assert " ".join(found[identifier]["givenName"].split()) == names[0]


def test_a_value_in_an_element_that_is_no_attribute_belongs_to_none(tmp_path: Path) -> None:
    """Its object is rejected; the name of the attribute before it is not taken for its own."""
    odd = record("Eleve", "2", PUPIL).replace(
        "<attributes>", "<attributes><autre><value>x</value></autre>"
    )
    text = document([record("Eleve", "1", PUPIL), odd], encoding="UTF-8")
    found = dict(read(write(tmp_path, text, "utf-8")))
    assert list(found) == ["1"]


def bomb_laughs(out: Any) -> None:
    out.write(b'<?xml version="1.0"?><!DOCTYPE ficAlimMENESR [<!ENTITY a "aaaaaaaaaa">')
    for number in range(1, 12):
        out.write(f'<!ENTITY a{number} "{"&a;" * 10}">'.encode())
    out.write(b"]><ficAlimMENESR>&a11;</ficAlimMENESR>")


def bomb_depth(out: Any) -> None:
    out.write(b"<ficAlimMENESR><addRequest>" + b"<a>" * 200_000)


def bomb_text(out: Any) -> None:
    out.write(b"<ficAlimMENESR><addRequest><attributes><attr name='sn'><value>")
    for _ in range(256):
        out.write(b"a" * 1024 * 1024)


def bomb_attributes(out: Any) -> None:
    out.write(b"<ficAlimMENESR><addRequest ")
    for number in range(1_000_000):
        out.write(b"a%d='>' " % number)
    out.write(b"/></ficAlimMENESR>")


def bomb_comment(out: Any) -> None:
    out.write(b"<ficAlimMENESR><!--")
    for _ in range(128):
        out.write(b"a" * 1024 * 1024)


def bomb_white_space(out: Any) -> None:
    out.write(b"<ficAlimMENESR>")
    for _ in range(128):
        out.write(b" " * 1024 * 1024)


def bomb_values(out: Any) -> None:
    out.write(b"<ficAlimMENESR><addRequest><attributes><attr name='mobile'>")
    for _ in range(200):
        out.write(b"<value>0600000000</value>" * 10_000)


BOMBS = [bomb_laughs, bomb_depth, bomb_text, bomb_attributes, bomb_comment, bomb_white_space,
         bomb_values]  # fmt: skip

_CHILD = """
import re, sys, time
from pathlib import Path
from directory.imports.layouts.errors import DeliveryRefused
from directory.imports.layouts.aaf.common.reader import AafFile
from directory.imports.layouts.aaf.second.layout import SECOND


def peak():
    # not ru_maxrss: that one remembers the process we were forked from
    return re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1)


try:
    with AafFile(Path(sys.argv[1]), layout=SECOND.of("Eleve"), name="bombe") as file:
        count = sum(1 for _ in file.objects())
    print("accepted", count, peak())
except DeliveryRefused as refusal:
    print(refusal.code, time.process_time(), peak())
"""


def in_child(path: Path) -> list[str]:
    """Read a file in a process of its own: (code, CPU seconds, kilobytes at most)."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path)],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return done.stdout.split()


@pytest.mark.parametrize("bomb", BOMBS, ids=[b.__name__ for b in BOMBS])
def test_a_bomb_is_refused_in_bounded_time_and_memory(
    bomb: Callable[[Any], None], tmp_path: Path
) -> None:
    """T-H3: under 5 seconds and 256 MB."""
    path = tmp_path / "B_Complet_20260901_Eleve_0000.xml"
    with path.open("wb") as out:
        bomb(out)
    code, seconds, kilobytes = in_child(path)
    assert code in {"entity_declaration", "too_deep", "too_big", "not_xml", "truncated"}
    assert float(seconds) < 5
    assert int(kilobytes) < 256 * 1024


@pytest.mark.parametrize("place", ["file:///etc/passwd", "http://127.0.0.1:9/x.dtd"])
def test_the_external_dtd_is_never_looked_for(tmp_path: Path, place: str) -> None:
    """T-H4: the DOCTYPE line is accepted, whatever it names, and nothing is opened."""
    text = document(two()).replace("ficAlimMENESR.dtd", place)
    assert len(read(write(tmp_path, text))) == 2


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE ficAlimMENESR [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE ficAlimMENESR [<!ENTITY % x SYSTEM "http://127.0.0.1:9/">%x;]>',
        '<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd" []>',
    ],
)
def test_an_internal_subset_is_refused(tmp_path: Path, doctype: str) -> None:
    with pytest.raises(DeliveryRefused) as refused:
        read(write(tmp_path, document(two(), doctype=doctype)))
    assert refused.value.code == "entity_declaration"


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """T-H15: ten times the objects, 24 MB of file more, and at most a few of blocks."""
    one = record("Eleve", "1", PUPIL)

    def size_of(count: int) -> int:
        path = tmp_path / f"M{count}_Complet_20260901_Eleve_0000.xml"
        with path.open("w", encoding="iso8859-15") as out:
            head, _, tail = document([""]).partition("\n\n")
            out.write(head + "\n")
            for number in range(count):
                out.write(one.replace("<id>1<", f"<id>{number}<"))
            out.write(tail)
        answer = in_child(path)
        assert answer[:2] == ["accepted", str(count)]
        return int(answer[2])

    small, large = size_of(3_000), size_of(30_000)  # kilobytes
    assert large - small < 8 * 1024
    assert large < 100 * 1024


def test_reading_is_not_slowed_by_an_object_that_no_shape_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every object of another shape: the real parser is called, the shapes stay few."""
    learned: list[object] = []

    def learn(*arguments: Any) -> Any:
        learned.append(real_learn(*arguments))
        return learned[-1]

    real_learn = fast.learn
    monkeypatch.setattr(fast, "learn", learn)

    def objects() -> Iterator[str]:
        for number in range(300):
            yield record("Eleve", str(number), {**PUPIL, f"ENTInconnu{number}": "x"})

    path = write(tmp_path, document(list(objects())))
    assert len(read(path)) == 300
    assert len(learned) == fast.MAX_SHAPES
