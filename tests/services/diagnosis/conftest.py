import pytest

from services.diagnosis.diagnose import diagnose
from services.logs.reading import scan_upload


@pytest.fixture
def scanned(tmp_path):
    """Lines in, scan out."""

    def write(lines, name="app.log"):
        path = tmp_path / name
        path.write_text("".join(f"{line}\n" for line in lines))
        return scan_upload(path, name)[0]

    return write


@pytest.fixture
def diagnosed(scanned):
    """Lines of one file in, diagnosis out."""

    def read(lines, **options):
        return diagnose([scanned(lines)], **options)

    return read


@pytest.fixture
def service_lines():
    """Ordinary lines of a service, a second apart."""

    def make(count, start=0):
        return [
            f"2026-11-22 07:{number // 60:02d}:{number % 60:02d} INFO org.x.Api - request {number} served"
            for number in range(start, start + count)
        ]

    return make
