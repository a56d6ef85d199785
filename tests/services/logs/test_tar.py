import io
import tarfile

import pytest

from services.logs.compression import ByteStream
from services.logs.refusals import StoppedShortError
from services.logs.tar import tar_entries


def packed(files, layout):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=layout) as archive:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return buffer.getvalue()


def read(archive, size=700):
    pieces = [archive[start : start + size] for start in range(0, len(archive), size)]
    return {entry.name: b"".join(entry.contents) for entry in tar_entries(ByteStream(iter(pieces)))}


FILES = {"a.log": b"one\ntwo\n", "pods/" + "x" * 180 + "/b.log": b"y" * 3000, "empty.log": b"", "last": b"z" * 512}


@pytest.mark.parametrize("layout", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_regular_files_come_out_with_their_names(layout):
    files = {name[-90:]: content for name, content in FILES.items()} if layout == tarfile.USTAR_FORMAT else FILES
    assert read(packed(files, layout)) == files


def test_an_entry_that_is_not_used_up_is_skipped():
    archive = packed(FILES, tarfile.GNU_FORMAT)
    assert [entry.name for entry in tar_entries(ByteStream(iter([archive])))] == list(FILES)


def test_a_cut_archive_says_so():
    archive = packed({"a.log": b"x" * 10_000}, tarfile.GNU_FORMAT)
    with pytest.raises(StoppedShortError, match="too early"):
        read(archive[:5000])


def test_a_damaged_size_says_so():
    archive = bytearray(packed({"a.log": b"x"}, tarfile.GNU_FORMAT))
    archive[124:136] = b"not a number"
    with pytest.raises(StoppedShortError, match="damaged"):
        read(bytes(archive))
