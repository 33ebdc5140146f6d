import pytest

from api.access.identity import IdentityVault

VAULT = IdentityVault(b"k" * 32)
NUMBER = "20100101-TF01"  # a temporary number: no checksum, nobody's


def test_a_number_is_sealed_and_given_back():
    sealed = VAULT.seal("i", NUMBER)
    assert VAULT.unseal("i", sealed) == "20100101TF01"
    assert NUMBER.encode() not in sealed
    assert sealed != VAULT.seal("i", NUMBER)


def test_a_number_is_found_however_it_is_written_and_in_its_intake_only():
    assert VAULT.lookup_key("i", NUMBER) == VAULT.lookup_key("i", "20100101tf01")
    assert VAULT.lookup_key("i", NUMBER) != VAULT.lookup_key("j", NUMBER)
    assert VAULT.lookup_key("i", NUMBER) != IdentityVault(b"l" * 32).lookup_key("i", NUMBER)


@pytest.mark.parametrize(
    ("vault", "intake", "change"),
    [(IdentityVault(b"l" * 32), "i", 0), (VAULT, "j", 0), (VAULT, "i", 1)],
    ids=["another key", "another intake", "a flipped bit"],
)
def test_a_seal_opens_nowhere_else(vault, intake, change):
    sealed = bytearray(VAULT.seal("i", NUMBER))
    sealed[-1] ^= change
    with pytest.raises(ValueError, match="cannot be opened"):
        vault.unseal(intake, bytes(sealed))
