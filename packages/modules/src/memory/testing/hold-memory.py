"""Holds memory as it is told on standard input, one JSON list of regions, and prints where: one JSON line.

A region is {"pages": n, "touch": bool, "stripes": bool, "puts": [[offset, hex]]}: anonymous, between unreadable pages.
The bytes to put come with every bit turned over and are written one by one, so that they stand nowhere else.
Then counts how often it could map, write and unmap a page, and how long the longest took, until "stop" comes; prints it.
"""
import ctypes, json, select, sys, time

PAGE = 4096
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
PRIVATE_ANONYMOUS, NORESERVE = 0x22, 0x4000


def hold(region):
    size = region["pages"] * PAGE
    start = libc.mmap(None, size + 2 * PAGE, 0, PRIVATE_ANONYMOUS | NORESERVE, -1, 0) + PAGE
    libc.mprotect(start, size, 3)
    if region.get("touch"):
        ctypes.memset(start, 0x2E, size)
    for offset, code in region.get("puts", []):
        for i in range(0, len(code), 2):
            ctypes.memset(start + offset + i // 2, int(code[i : i + 2], 16) ^ 0xFF, 1)
    if region.get("stripes"):
        for page in range(0, region["pages"], 2):
            libc.mprotect(start + page * PAGE, PAGE, 1)
    return start


print(json.dumps([hold(region) for region in json.loads(sys.stdin.readline())]), flush=True)
rounds, longest = 0, 0.0
while not select.select([sys.stdin], [], [], 0)[0]:
    began = time.perf_counter()
    page = libc.mmap(None, PAGE, 3, PRIVATE_ANONYMOUS, -1, 0)
    ctypes.memset(page, 1, 1)
    libc.munmap(page, PAGE)
    longest = max(longest, time.perf_counter() - began)
    rounds += 1
    time.sleep(0.0005)
print(json.dumps({"rounds": rounds, "longestms": longest * 1000}), flush=True)
