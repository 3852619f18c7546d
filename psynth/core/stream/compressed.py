"""gzip and Zstandard: blocks of bytes in and out, with every kind of damage named."""

import os
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Literal, TypeAlias

Compression: TypeAlias = Literal["gzip", "zstd"]

_BY_SUFFIX: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}
_BY_MAGIC: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_PIECE = 1 << 14
"""Compressed bytes given to a decoder at a time: few, as each can stand for a thousand decoded ones."""
_BLOCK = 1 << 18


class DamagedData(Exception):
    """Compressed data that is cut short or not what it claims to be; all that came before it was delivered."""


def compression_of_path(path: str) -> Compression | None:
    """How a file is compressed, by the suffix of its name; None if it is not."""
    return _BY_SUFFIX.get(os.path.splitext(path)[1].lower())


def compression_of_bytes(start: bytes) -> Compression | None:
    """How data is compressed, by its first four bytes; None if it is not."""
    return next((kind for magic, kind in _BY_MAGIC.items() if start.startswith(magic)), None)


def _decoder(compression: Compression) -> Any:
    if compression == "gzip":
        return zlib.decompressobj(wbits=31)
    import zstandard  # here and below: few streams are compressed

    # Up to what `zstd --long=31` writes.
    return zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()


def _damage(compression: Compression) -> type[Exception]:
    """What a decoder raises at damage."""
    if compression == "gzip":
        return zlib.error
    import zstandard

    return zstandard.ZstdError


def decompress(blocks: Iterable[bytes], compression: Compression) -> Iterator[bytes]:
    """Yield what ``blocks`` hold, member after member as ``cat`` joins them.

    Raises `DamagedData` at the first damage.
    """
    decoder = _decoder(compression)
    started = False
    try:
        for block in blocks:
            for start in range(0, len(block), _PIECE):
                piece = block[start : start + _PIECE]
                while piece:
                    if not started and compression == "gzip":
                        # gzip allows padding by NUL bytes between members and at the end.
                        piece = piece.lstrip(b"\0")
                        if not piece:
                            break
                    started = True
                    data = decoder.decompress(piece)
                    if data:
                        yield data
                    if not decoder.eof:
                        break
                    piece, decoder, started = decoder.unused_data, _decoder(compression), False
    except _damage(compression) as damage:
        raise DamagedData(f"damaged {compression} data: {damage}") from None
    if started:
        raise DamagedData(f"the {compression} data is cut short")


def compress_file(source: BinaryIO, target: BinaryIO, compression: Compression) -> None:
    """Copy ``source`` to ``target`` compressed: the same bytes for the same content, as no name or time goes in."""
    if compression == "zstd":
        import zstandard

        zstandard.ZstdCompressor(write_checksum=True).copy_stream(source, target)
        return
    encoder = zlib.compressobj(wbits=31)
    while block := source.read(_BLOCK):
        target.write(encoder.compress(block))
    target.write(encoder.flush())
