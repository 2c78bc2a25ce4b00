"""The tree against the plain recursive definition of RFC 9162, section 2.1.1, and roots that others published."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.merkle import added, paths, root

# The leaves and roots with which implementations of Certificate Transparency test themselves.
PUBLISHED = (
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    ("606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
)


def by_definition(leaves: list[bytes]) -> bytes:
    """The root as the RFC defines it: split at the largest power of two below the size."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + by_definition(leaves[:half]) + by_definition(leaves[half:])).digest()


@pytest.mark.parametrize("size", range(1, len(PUBLISHED) + 1))
def test_roots_are_those_that_others_published(size: int) -> None:
    peaks, grown = added((), 0, (bytes.fromhex(leaf) for leaf, _ in PUBLISHED[:size]))

    assert (root(peaks).hex(), grown) == (PUBLISHED[size - 1][1], size)


@given(st.lists(st.binary(max_size=4), max_size=70), st.data())
def test_a_tree_that_grew_in_parts_has_the_root_of_the_whole(leaves: list[bytes], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(leaves)))

    peaks, size = added((), 0, leaves[:cut])
    peaks, size = added(peaks, size, leaves[cut:])

    assert size == len(leaves)
    assert len(peaks) == size.bit_count()
    assert root(peaks) == by_definition(leaves)


def path_by_definition(leaf: int, leaves: list[bytes]) -> list[bytes]:
    """The path as the RFC defines it, from the leaf up."""
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if leaf < half:
        return [*path_by_definition(leaf, leaves[:half]), by_definition(leaves[half:])]
    return [*path_by_definition(leaf - half, leaves[half:]), by_definition(leaves[:half])]


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70), st.data())
def test_paths_are_those_of_the_definition(leaves: list[bytes], data: st.DataObject) -> None:
    wanted = data.draw(st.sets(st.integers(0, len(leaves) - 1)))

    assert paths(leaves, wanted) == {one: path_by_definition(one, leaves) for one in wanted}
