"""Images in folders: what comes out of them, and what is said of folders that are not right."""

import numpy as np
import pytest
from PIL import Image

from zoo.data import DataError, ImageFolder, image_folder


def paint(path, colour, size=(6, 6), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path)


@pytest.fixture
def root(tmp_path):
    for number in range(5):
        paint(tmp_path / "red" / f"{number}.png", (200 + number, 0, 0))
        paint(tmp_path / "blue" / f"{number}.jpg", (0, 0, 200))
    return tmp_path


def test_folders_are_classes_and_a_share_of_each_is_the_test_set(root):
    source = ImageFolder(str(root), size=4)
    assert source.classes == ("blue", "red")
    assert source.shape == (3, 4, 4)
    parts = source.load()
    assert np.bincount(parts.train.labels).tolist() == [4, 4]
    assert np.bincount(parts.test.labels).tolist() == [1, 1]
    reds = np.concatenate([part.images[part.labels == 1] for part in (parts.train, parts.test)])
    assert sorted(reds[:, 0, 0, 0].tolist()) == [200, 201, 202, 203, 204]
    assert parts.train.images.dtype == np.uint8


def test_folders_for_both_parts_are_taken_as_they_are(tmp_path):
    for part, count in (("train", 3), ("test", 2)):
        for name in ("cat", "dog"):
            for number in range(count):
                paint(tmp_path / part / name / f"{number}.png", (9, 9, 9))
    parts = ImageFolder(str(tmp_path)).load()
    assert len(parts.train) == 6
    assert len(parts.test) == 4


@pytest.mark.parametrize(("fit", "darkest"), [("crop", 255), ("squash", 36)])
def test_an_image_that_is_not_square(tmp_path, fit, darkest):
    wide = np.zeros((4, 8, 3), np.uint8)
    wide[:, 2:6] = 255  # the middle square
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(5):
            Image.fromarray(wide).save(tmp_path / name / f"{number}.png")
    images = ImageFolder(str(tmp_path), size=4, fit=fit).load().train.images
    assert images.shape[1:] == (3, 4, 4)
    assert (images[:, :, :, 0] == darkest).all(), "the first column"


def test_grey(root):
    parts = ImageFolder(str(root), size=4, channels=1).load()
    assert parts.train.images.shape[1:] == (1, 4, 4)


def broken(root):
    (root / "red" / "1.png").write_bytes(b"not an image")


def truncated(root):
    data = (root / "blue" / "1.jpg").read_bytes()
    (root / "blue" / "1.jpg").write_bytes(data[: len(data) // 2])


def empty(root):
    (root / "green").mkdir()
    (root / "green" / "notes.txt").write_text("no image")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (broken, r"red.1\.png: it is not an image that can be read"),
        (truncated, r"blue.1\.jpg: it cannot be read"),
        (empty, "the class green is empty"),
    ],
)
def test_damage_is_one_sentence_that_names_the_place(root, damage, message):
    damage(root)
    with pytest.raises(DataError, match=message) as error:
        ImageFolder(str(root)).load()
    assert "\n" not in str(error.value)


def test_parts_with_different_classes(tmp_path):
    for path in ("train/cat", "train/dog", "test/cat", "test/cow"):
        paint(tmp_path / path / "0.png", (1, 2, 3))
    with pytest.raises(DataError, match=r"different classes \(cow, dog\)"):
        ImageFolder(str(tmp_path)).load()


def test_no_folder_and_no_classes(tmp_path):
    with pytest.raises(DataError, match=r"cannot read the folder.*data\.root"):
        ImageFolder(str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="holds 0 folders"):
        ImageFolder(str(tmp_path))


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"size": 0}, "size"),
        ({"channels": 2}, "channels"),
        ({"fit": "stretch"}, "crop, squash"),
        ({"test_fraction": 0.0}, "test_fraction"),
    ],
)
def test_impossible_settings_name_their_key(root, settings, key):
    with pytest.raises(ValueError, match=key):
        ImageFolder(str(root), **settings)


def test_the_pipeline_of_a_folder(root):
    data = image_folder(str(root), size=8, batch_size=4, val_fraction=0.25)
    data.prepare()
    images, labels = next(iter(data.train_batches(0)))
    assert images.shape == (4, 3, 8, 8)
    assert set(labels.tolist()) <= {0, 1}


def test_a_folder_of_images_to_validate_with(tmp_path):
    for part, count in (("train", 5), ("test", 2), ("val", 3)):
        for name in ("cat", "dog"):
            for number in range(count):
                paint(tmp_path / part / name / f"{number}.png", (9, 9, 9))
    data = image_folder(str(tmp_path), size=4)
    data.prepare()
    assert data.sizes() == {"train": 10, "val": 6, "test": 4}
    paint(tmp_path / "val" / "cow" / "0.png", (9, 9, 9))
    with pytest.raises(DataError, match=r"val have different classes \(cow\)"):
        image_folder(str(tmp_path), size=4).prepare()


def test_hidden_files_are_no_images(root):
    (root / "red" / "._0.png").write_bytes(b"what macOS leaves")
    assert len(ImageFolder(str(root)).load().train) == 8


def test_images_stand_upright_and_sixteen_bits_become_eight(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by a quarter
    light = np.zeros((4, 4), np.uint8)
    light[0] = 255
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(5):
            Image.fromarray(light).save(tmp_path / name / f"{number}.png", exif=exif)
    images = ImageFolder(str(tmp_path), size=4, channels=1).load().train.images
    assert (images[0, 0, :, 3] == 255).all(), "the first row is the last column"
    wide = np.array([[0, 257, 32896, 65535]] * 4, np.uint16)
    for name in ("a", "b"):
        for number in range(5):
            Image.fromarray(wide).save(tmp_path / name / f"{number}.png")
    images = ImageFolder(str(tmp_path), size=4, channels=1).load().train.images
    assert images[0, 0, 0].tolist() == [0, 1, 128, 255]


def test_numbers_without_a_range_are_refused(root):
    Image.fromarray(np.ones((6, 6), np.float32)).save(root / "red" / "9.tif")
    with pytest.raises(DataError, match=r"9\.tif: its pixels are numbers of 32 bits \(mode F\)"):
        ImageFolder(str(root)).load()


def test_an_image_that_fills_the_memory_is_refused(root, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(DataError, match="it is too large"):
        ImageFolder(str(root)).load()


def test_a_batch_that_is_never_full_is_refused(root):
    data = image_folder(str(root), size=4, batch_size=64, drop_last=True)
    with pytest.raises(DataError, match=r"7 examples are fewer than data\.batch_size=64"):
        data.prepare()


@pytest.mark.parametrize("mixup", [float("nan"), float("inf"), -0.1])
def test_mixup_is_a_number(root, mixup):
    with pytest.raises(ValueError, match="mixup must be"):
        image_folder(str(root), mixup=mixup)
