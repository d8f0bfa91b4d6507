"""The bundle's ZIP container, byte for byte (PROTOCOL section 24)."""
import re
import struct
import zlib

MAX_BYTES, MAX_FILES = 256 * 1024 * 1024, 1000
REQUIRED = ("log/checkpoint", "log/entries", "manifest.json", "result", "summary.txt",
            "tokens/leaves", "tokens/redeemed", "tokens/voided")
NUMBER = "(0|[1-9][0-9]{0,4})"
BOARD = re.compile("board/%s-%s/(checkpoint|entries|proof|tally)" % (NUMBER, NUMBER))


class NotABundle(ValueError):
    pass


def board_file(path):
    """(item, round, file) of a board path, else None."""
    match = BOARD.fullmatch(path)
    if not match or int(match[1]) > 65535 or int(match[2]) > 65535:
        return None
    return int(match[1]), int(match[2]), match[3]


def build(files):
    """The one container of these files, a dict from path to bytes."""
    out, directory = [], []
    offset = 0
    for path in sorted(files, key=lambda p: p.encode("ascii")):
        name, data = path.encode("ascii"), files[path]
        common = struct.pack("<HHHHHIIIHH", 10, 0, 0, 0, 0x0021, zlib.crc32(data), len(data), len(data), len(name), 0)
        out += [b"PK\x03\x04", common, name, data]
        central = struct.pack("<HHHII", 0, 0, 0, 0, offset)
        directory.append(b"PK\x01\x02" + struct.pack("<H", 20) + common + central + name)
        offset += 30 + len(name) + len(data)
    listing = b"".join(directory)
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(listing), offset, 0)
    return b"".join(out) + listing + b"PK\x05\x06" + end


def parse(data):
    """The files of a bundle. Only names and sizes are read; building the container again checks every other byte."""
    if len(data) > MAX_BYTES:
        raise NotABundle("larger than 256 MiB")
    files, last, offset = {}, b"", 0
    while data[offset:offset + 4] == b"PK\x03\x04":
        header = data[offset:offset + 30]
        if len(header) < 30:
            raise NotABundle("a local header is cut short")
        size, name_length = struct.unpack_from("<I", header, 18)[0], struct.unpack_from("<H", header, 26)[0]
        name = data[offset + 30:offset + 30 + name_length]
        start = offset + 30 + name_length
        offset = start + size
        if offset > len(data) or name <= last:
            raise NotABundle("files are cut short, or not in ascending order of their paths")
        last = name
        try:
            path = name.decode("ascii")
        except UnicodeDecodeError:
            raise NotABundle("a path outside the list") from None
        if path not in REQUIRED and board_file(path) is None:
            raise NotABundle("a path outside the list: " + ascii(path))
        files[path] = data[start:offset]
        if len(files) > MAX_FILES:
            raise NotABundle("more than 1000 files")
    for path in REQUIRED:
        if path not in files:
            raise NotABundle("no file " + path)
    if build(files) != data:
        raise NotABundle("the container is not the one these files have")
    return files
