import io

import pytest

from annotations.importers import _text
from annotations.importers._text import lines
from annotations.importers.base import ImportProblem


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_pieces_do_not_show(monkeypatch, piece, encoding):
    text = "ä,好\r\n\n𝛼\nend"
    data = io.BytesIO(text.encode(encoding))
    monkeypatch.setattr(_text, "_PIECE", max(piece, 2))
    assert list(lines(data)) == ["ä,好\r\n", "\n", "𝛼\n", "end"]


def test_an_empty_file_has_no_lines():
    assert list(lines(io.BytesIO())) == []


def test_bytes_without_meaning_escape_as_surrogates():
    assert list(lines(io.BytesIO(b"a\xffb\n"))) == ["a\udcffb\n"]


def test_a_text_cut_within_a_character_names_its_line():
    with pytest.raises(ImportProblem) as raised:
        list(lines(io.BytesIO("a\nb".encode("utf-16")[:-1])))
    assert (raised.value.code, raised.value.line) == ("undecodable", 2)
