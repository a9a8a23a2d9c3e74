import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from worker.raster import Mask
from worker.workloads.sample.detection import detect, patches_of
from worker.workloads.sample.imagery import chip, window
from worker.workloads.sample.thresholds import SMALLEST_PATCH_PIXELS

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=12))


@given(MASKS, st.integers(min_value=1, max_value=6))
def test_patches_keep_every_pixel_but_those_of_small_ones(mask: Mask, smallest: int) -> None:
    patches, count = patches_of(mask, smallest)
    everything, _ = patches_of(mask, 1)
    sizes = np.bincount(everything.ravel())[1:]
    assert np.array_equal(everything > 0, mask)
    assert count == (sizes >= smallest).sum()
    assert (patches > 0).sum() == sizes[sizes >= smallest].sum()


@given(MASKS)
def test_patches_are_numbered_from_the_largest_down(mask: Mask) -> None:
    sizes = np.bincount(patches_of(mask, 1)[0].ravel())[1:]
    assert (np.diff(sizes) <= 0).all()


@given(MASKS)
def test_pixels_that_touch_belong_to_one_patch(mask: Mask) -> None:
    patches, _ = patches_of(mask, 1)
    for one, other in (
        (patches[1:], patches[:-1]),
        (patches[:, 1:], patches[:, :-1]),
        (patches[1:, 1:], patches[:-1, :-1]),
        (patches[1:, :-1], patches[:-1, 1:]),
    ):
        both = (one > 0) & (other > 0)
        assert (one[both] == other[both]).all()


def test_an_image_compared_with_itself_shows_no_change() -> None:
    image = window("merak_port_corridor").of(chip())
    assert detect(image, image).patch_count == 0


def test_drier_plants_and_other_light_are_no_clearing() -> None:
    image = window("merak_port_corridor").of(chip())
    drier = image * np.array([1.05, 1.0, 1.15, 0.85], dtype=np.float32)[:, None, None]
    assert detect(image, drier).patch_count == 0
    assert detect(image, image * np.float32(1.15)).patch_count == 0


def test_soil_in_place_of_plants_is_a_clearing() -> None:
    image = window("merak_port_corridor").of(chip()).copy()
    image[:] = np.array([0.03, 0.045, 0.03, 0.3], dtype=np.float32)[:, None, None]
    after = image.copy()
    after[:, 20:30, 40:60] = np.array([0.07, 0.1, 0.14, 0.25], dtype=np.float32)[:, None, None]
    detection = detect(image, after)
    assert detection.patch_count == 1
    assert detection.mask[21:29, 41:59].all()
    assert detection.mask.sum() <= 200


def test_a_change_that_is_too_small_to_inspect_is_left_out() -> None:
    image = np.broadcast_to(np.array([0.03, 0.045, 0.03, 0.3], dtype=np.float32)[:, None, None], (4, 40, 40))
    after = image.copy()
    side = int((SMALLEST_PATCH_PIXELS - 1) ** 0.5)
    after[:, 5 : 5 + side, 5 : 5 + side] = np.array([0.07, 0.1, 0.14, 0.25], dtype=np.float32)[:, None, None]
    assert detect(image, after).patch_count == 0
