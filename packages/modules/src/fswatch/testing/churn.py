"""Does COUNT random things to the files of a tree, as fast as it can: python3 churn.py TREE COUNT SEED."""
import os
import random
import shutil
import sys

tree, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)
directories = [tree]
files = []


def new_path():
    return os.path.join(rng.choice(directories), "f%d" % rng.randrange(10**9))


def write(path):
    with open(path, "wb") as file:
        file.write(rng.randbytes(rng.choice([0, 1, 100, 5000])))
        if rng.random() < 0.3:
            file.flush()
            file.write(b"more")


def forget(directory):
    prefix = directory + "/"
    files[:] = [f for f in files if not f.startswith(prefix)]
    directories[:] = [d for d in directories if d != directory and not d.startswith(prefix)]


def create():
    path = new_path()
    write(path)
    files.append(path)


def change():
    if files:
        write(rng.choice(files))


def touch():
    if files:
        os.utime(rng.choice(files), (rng.randrange(10**9), rng.randrange(10**9)))


def mode():
    if files:
        os.chmod(rng.choice(files), rng.choice([0o600, 0o640, 0o644, 0o755]))


def owner():
    if files and os.geteuid() == 0:
        os.chown(rng.choice(files), rng.randrange(3), rng.randrange(3), follow_symlinks=False)


def rename():
    if files:
        at = rng.randrange(len(files))
        target = new_path()
        os.rename(files[at], target)
        files[at] = target


def replace():
    if files:
        path = new_path()
        write(path)
        os.replace(path, rng.choice(files))


def remove():
    if files:
        os.unlink(files.pop(rng.randrange(len(files))))


def link():
    if files:
        path = new_path()
        os.link(rng.choice(files), path)
        files.append(path)


def make_directory():
    path = os.path.join(rng.choice(directories), "d%d" % rng.randrange(10**9))
    os.makedirs(path + "/sub")
    for name in ("a", "sub/b"):
        write(os.path.join(path, name))
        files.append(os.path.join(path, name))
    directories.extend([path, path + "/sub"])


def move_directory():
    if len(directories) > 1:
        source = rng.choice(directories[1:])
        target = os.path.join(tree, "m%d" % rng.randrange(10**9))
        os.rename(source, target)
        for names in (files, directories):
            names[:] = [target + n[len(source):] if n == source or n.startswith(source + "/") else n for n in names]


def remove_directory():
    if len(directories) > 1:
        path = rng.choice(directories[1:])
        shutil.rmtree(path)
        forget(path)


kinds = [create] * 8 + [change] * 6 + [rename] * 4 + [remove] * 4 + [replace] * 3
kinds += [touch, mode, owner, link, make_directory, move_directory, remove_directory]
for _ in range(count):
    rng.choice(kinds)()
