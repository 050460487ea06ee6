"""What is inside a gzip or zip: one file, within limits, in a place of ours; everything else is told."""

import gzip
import io
import stat
import zipfile
from pathlib import Path

import pytest
import workbook_files as made

from pipeline.readers import packed
from pipeline.readers.packed import unpacked
from pipeline.readers.text_table import Unreadable

TEXT = b"Patient,Titre\nSYNTHETIC1,1:800\n"


def archive(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def refusal(path: Path) -> str:
    folder = path.parent / "private"
    folder.mkdir(exist_ok=True)
    with pytest.raises(Unreadable) as caught:
        unpacked(path, folder)
    assert list(folder.iterdir()) == [], "nothing half unpacked is left"
    return caught.value.code


def test_what_is_no_archive_stays_as_it_is(tmp_path: Path) -> None:
    for content in (b"", b"PK", TEXT, b"\x1f"):
        path = tmp_path / "export.zip"
        path.write_bytes(content)
        assert unpacked(path, tmp_path) == path


def test_gzip_and_zip_by_content_not_by_name(tmp_path: Path) -> None:
    (tmp_path / "packed.csv").write_bytes(gzip.compress(TEXT) + gzip.compress(b"more\n"))
    found = unpacked(tmp_path / "packed.csv", tmp_path)
    assert (found.read_bytes(), found.parent, found.stat().st_mode & 0o777) == (TEXT + b"more\n", tmp_path, 0o600)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        path = archive(
            tmp_path / "export.csv", {"export/": b"", "export/a.csv": TEXT, "__MACOSX/export/._a.csv": b"x"}, method
        )
        assert unpacked(path, tmp_path).read_bytes() == TEXT


@pytest.mark.parametrize("name", ["../../outside.csv", "/etc/outside.csv", "..\\outside.csv", "a/../../b.csv", "."])
def test_a_member_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "deep" / "private"
    folder.mkdir(parents=True)
    found = unpacked(archive(tmp_path / "export.zip", {name: TEXT}), folder)
    assert found.read_bytes() == TEXT
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "deep", folder, found, tmp_path / "export.zip"]


def test_links_neither_lead_out_nor_come_in(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("export.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as file:
        file.writestr(link, "/etc/hostname")
    assert refusal(tmp_path / "link.zip") == "archive_not_one_file"
    target = tmp_path / "precious"
    target.write_bytes(b"mine")
    (tmp_path / "unpacked").symlink_to(target)
    unpacked(archive(tmp_path / "export.zip", {"a.csv": TEXT}), tmp_path)
    assert target.read_bytes() == b"mine"


@pytest.mark.parametrize("members", [{}, {"a/": b""}, {"a.csv": TEXT, "b.csv": TEXT}])
def test_not_one_file(tmp_path: Path, members: dict[str, bytes]) -> None:
    assert refusal(archive(tmp_path / "export.zip", members)) == "archive_not_one_file"


@pytest.mark.parametrize("kind", ["zip", "gz"])
def test_archives_in_archives(tmp_path: Path, kind: str) -> None:
    inner = gzip.compress(TEXT) if kind == "gz" else archive(tmp_path / "i.zip", {"a": TEXT}).read_bytes()
    assert refusal(archive(tmp_path / "outer.zip", {"a.csv": inner})) == "archive_in_archive"
    (tmp_path / "outer.gz").write_bytes(gzip.compress(inner))
    assert refusal(tmp_path / "outer.gz") == "archive_in_archive"


def test_workbooks_are_left_to_their_reader(tmp_path: Path) -> None:
    book = made.xlsx(tmp_path / "book.zip", [["Patient"]])
    sheet = made.ods(tmp_path / "sheet.zip", {"Results": ""})
    assert unpacked(book, tmp_path) == book and unpacked(sheet, tmp_path) == sheet
    torn = tmp_path / "torn.xlsx"
    torn.write_bytes(book.read_bytes()[:300])
    assert unpacked(torn, tmp_path) == torn
    (tmp_path / "book.gz").write_bytes(gzip.compress(book.read_bytes()))
    assert unpacked(tmp_path / "book.gz", tmp_path).read_bytes() == book.read_bytes()


@pytest.mark.parametrize("kind", ["zip", "gz"])
def test_cut_off_or_altered_anywhere(tmp_path: Path, kind: str) -> None:
    text = b"".join(b"SYNTHETIC%d,1:%d\n" % (number, number * 7919 % 1000) for number in range(300))
    path = tmp_path / "export"
    if kind == "zip":
        archive(path, {"a.csv": text})
    else:
        path.write_bytes(gzip.compress(text))
    content = path.read_bytes()
    for size in range(30, len(content) - 1, 61):
        path.write_bytes(content[:size])
        assert refusal(path) == "archive_damaged", size
    altered = bytearray(content)
    altered[len(content) // 2] ^= 0x55
    path.write_bytes(altered)
    assert refusal(path) == "archive_damaged"
    path.write_bytes(content + b"trailing" if kind == "gz" else content[: len(content) // 2])
    assert refusal(path) == "archive_damaged"


def test_checksums_and_stated_sizes_are_held_against_the_content(tmp_path: Path) -> None:
    path = archive(tmp_path / "export.zip", {"a.csv": TEXT}, zipfile.ZIP_STORED)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"1:800", b"1:400"))
    assert refusal(path) == "archive_damaged"
    size, short = len(TEXT).to_bytes(4, "little"), (len(TEXT) - 6).to_bytes(4, "little")
    path = archive(tmp_path / "short.zip", {"a.csv": TEXT})
    path.write_bytes(path.read_bytes().replace(size, short).replace(
        zipfile.crc32(TEXT).to_bytes(4, "little"), zipfile.crc32(TEXT[:-6]).to_bytes(4, "little")
    ))  # fmt: skip
    assert refusal(path) == "archive_damaged"


def test_other_methods_are_not_unpacked(tmp_path: Path) -> None:
    """LZMA and bzip2 hand over as much as they like at once."""
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert refusal(archive(tmp_path / "export.zip", {"a.csv": TEXT}, method)) == "archive_damaged"


def test_a_password(tmp_path: Path) -> None:
    path = archive(tmp_path / "export.zip", {"a.csv": TEXT})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refusal(path) == "file_encrypted"


def zeros(path: Path, mebibytes: int) -> Path:
    block = b"0" * (1 << 20)
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(mebibytes):
            file.write(block)
    return path


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert unpacked(zeros(tmp_path / "small.gz", 60), tmp_path).stat().st_size == 60 << 20
    (tmp_path / "unpacked").unlink()
    assert refusal(zeros(tmp_path / "bomb.gz", 90)) == "archive_too_large"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file, file.open("a.csv", "w") as member:
        for _ in range(90):
            member.write(b"0" * (1 << 20))
    (tmp_path / "bomb.zip").write_bytes(content.getvalue())
    assert refusal(tmp_path / "bomb.zip") == "archive_too_large"
    monkeypatch.setattr(packed, "MOST_BYTES", 1000)
    (tmp_path / "big.gz").write_bytes(gzip.compress(bytes(range(256)) * 8))
    assert refusal(tmp_path / "big.gz") == "archive_too_large"


def test_trouble_in_writing_is_not_blamed_on_the_archive(tmp_path: Path) -> None:
    path = archive(tmp_path / "export.zip", {"a.csv": TEXT})
    with pytest.raises(FileNotFoundError):
        unpacked(path, tmp_path / "missing")
