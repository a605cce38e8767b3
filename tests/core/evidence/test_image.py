from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from irlnet_core.errors import ImageReadError
from irlnet_core.evidence.decode import pixels_of
from irlnet_core.evidence.image import find_images, read_image, read_mask
from irlnet_core.evidence.record import describe_evidence
from tests.core.evidence.conftest import PhotoAt


def test_a_picture_is_pinned_down_by_the_hashes_of_its_bytes_and_pixels(
    tmp_path: Path, photo_at: PhotoAt
) -> None:
    path = photo_at(tmp_path / "a.jpg")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    image = read_image(path)
    assert image.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert image.pixels_sha256 == hashlib.sha256(b"90x120x3 uint8" + image.pixels.tobytes()).hexdigest()
    assert image.size_bytes == path.stat().st_size
    assert image.modified == datetime.fromtimestamp(1_700_000_000, UTC)
    np.testing.assert_array_equal(image.pixels, pixels_of(path.read_bytes())[0])


def test_the_pixels_can_not_be_changed(tmp_path: Path, photo_at: PhotoAt) -> None:
    image = read_image(photo_at(tmp_path / "a.png"))
    with pytest.raises(ValueError, match="read-only"):
        image.pixels[0, 0] = 0


def test_reading_leaves_the_evidence_folder_as_it_was(tmp_path: Path, photo_at: PhotoAt) -> None:
    path = photo_at(tmp_path / "a.jpg")
    before = (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_size, sorted(tmp_path.iterdir()))
    read_image(path)
    assert before == (
        path.read_bytes(),
        path.stat().st_mtime_ns,
        path.stat().st_size,
        sorted(tmp_path.iterdir()),
    )


def test_the_type_is_found_by_content_and_a_wrong_extension_is_noted(
    tmp_path: Path, photo_at: PhotoAt
) -> None:
    path = photo_at(tmp_path / "a.png").rename(tmp_path / "a.JPG")
    facts = read_image(path).facts
    assert facts.format == "PNG"
    assert facts.notes == ("the content is PNG although the extension is '.jpg'",)
    assert read_image(photo_at(tmp_path / "b.JPEG")).facts.notes == ()


def test_errors_name_the_file_the_reason_and_the_cure(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("no picture")
    for name, reason in (
        ("empty.jpg", "empty"),
        ("text.jpg", "not a picture"),
        ("gone.jpg", "No such file"),
        ("", "folder"),
    ):
        with pytest.raises(ImageReadError, match=reason) as caught:
            read_image(tmp_path / name)
        assert caught.value.path == tmp_path / name
        assert caught.value.cure
        assert str(tmp_path / name) in str(caught.value)


def test_a_file_that_is_no_regular_file_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.jpg"))
        with pytest.raises(ImageReadError, match="not a regular file"):
            read_image(tmp_path / "s.jpg")


def test_a_time_that_no_calendar_holds_is_told_and_the_picture_is_read(
    photo_at: PhotoAt, tmp_path: Path
) -> None:
    memory = Path("/dev/shm")  # unlike most disks it keeps any time
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        path = photo_at(Path(folder) / "a.png")
        os.utime(path, (1e12, 1e12))
        if path.stat().st_mtime != 1e12:
            pytest.skip("this file system keeps no such time")
        image = read_image(path)
    assert describe_evidence(image)["modified"] == "9999-12-31T00:00:00.000Z"
    (note,) = image.facts.notes
    assert "1,000,000,000,000 seconds from 1970" in note


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_closed_file_is_an_error(tmp_path: Path, photo_at: PhotoAt) -> None:
    path = photo_at(tmp_path / "a.png")
    path.chmod(0)
    with pytest.raises(ImageReadError, match="Permission denied"):
        read_image(path)


def test_masks_of_every_usual_kind_mean_the_same(tmp_path: Path) -> None:
    expected = np.zeros((20, 30), bool)
    expected[5:15, 3:12] = True
    white = np.where(expected, 255, 0).astype(np.uint8)
    palette = Image.fromarray(expected.astype(np.uint8))
    palette.putpalette([0, 0, 0, 128, 0, 0])
    kinds = {
        "grey": Image.fromarray(white),
        "zero-one": Image.fromarray(expected.astype(np.uint8)),
        "one-bit": Image.fromarray(expected),
        "palette": palette,
        "colour": Image.fromarray(np.dstack([white] * 3)),
        "alpha": Image.fromarray(np.dstack([white] * 3 + [np.full_like(white, 255)])),
        "deep": Image.fromarray(white.astype(np.uint16) * 257),
        "deep-zero-one": Image.fromarray(expected.astype(np.uint16)),
        "soft": Image.fromarray(np.where(expected, 201, 97).astype(np.uint8)),
    }
    for name, image in kinds.items():
        image.save(tmp_path / f"{name}.png")
        mask = read_mask(tmp_path / f"{name}.png", size=(20, 30))
        assert mask.dtype == np.bool_, name
        np.testing.assert_array_equal(mask, expected, err_msg=name)
    kinds["grey"].save(tmp_path / "grey.jpg", quality=95)
    np.testing.assert_array_equal(read_mask(tmp_path / "grey.jpg"), expected)


def test_the_cut_of_a_mask_lies_at_half_of_its_range(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 1, 127, 128, 255]], np.uint8)).save(tmp_path / "m.png")
    assert read_mask(tmp_path / "m.png").tolist() == [[False, False, False, True, True]]
    Image.fromarray(np.array([[0, 1, 32767, 32768]], np.uint16)).save(tmp_path / "m.png")
    assert read_mask(tmp_path / "m.png").tolist() == [[False, False, False, True]]
    Image.new("L", (4, 4)).save(tmp_path / "m.png")
    assert not read_mask(tmp_path / "m.png").any()


def test_a_mask_of_another_size_is_refused_with_both_sizes(tmp_path: Path) -> None:
    Image.new("L", (30, 20)).save(tmp_path / "m.png")
    with pytest.raises(ImageReadError, match=r"30x20 pixels for a picture of 20x30"):
        read_mask(tmp_path / "m.png", size=(30, 20))


def test_a_mask_that_hides_in_its_alpha_channel_is_refused(tmp_path: Path) -> None:
    pixels = np.full((8, 8, 4), 255, np.uint8)
    pixels[:4, :, 3] = 0
    Image.fromarray(pixels).save(tmp_path / "m.png")
    with pytest.raises(ImageReadError, match="alpha channel"):
        read_mask(tmp_path / "m.png")


def test_folders_are_searched_in_natural_order(tmp_path: Path) -> None:
    names = ["img10.JPG", "img2.jpg", "img1.tif", "sub/b.png", "notes.txt", ".hidden.png", ".git/a.png"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [str(path.relative_to(tmp_path)) for path in find_images([tmp_path])]
    assert found == ["img1.tif", "img2.jpg", "img10.JPG", str(Path("sub/b.png"))]
    flat = [path.name for path in find_images([tmp_path], recursive=False)]
    assert flat == ["img1.tif", "img2.jpg", "img10.JPG"]


def test_among_evidence_photographs_that_are_not_read_are_found_and_told(tmp_path: Path) -> None:
    (tmp_path / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0")
    (tmp_path / "DSC_2.nef").write_bytes(b"MM\0*\0\0\0\x08\0\0")
    (tmp_path / "notes.txt").touch()
    assert find_images([tmp_path]) == []
    found = find_images([tmp_path], unread=True)
    assert [path.name for path in found] == ["DSC_2.nef", "IMG_1.HEIC"]
    for path in found:
        with pytest.raises(ImageReadError, match=path.name):
            read_image(path)


def test_files_are_taken_as_given_and_only_once(tmp_path: Path) -> None:
    odd = tmp_path / "evidence.dat"
    odd.touch()
    (tmp_path / "a.png").touch()
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
    (tmp_path / "broken.png").symlink_to(tmp_path / "nowhere.png")
    broken = tmp_path / "broken.png"  # not left out: whoever reads it says why it can't be read
    assert find_images([odd, tmp_path, odd]) == [odd, tmp_path / "a.png", broken]


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ImageReadError, match="does not exist"):
        find_images([tmp_path / "gone"])
