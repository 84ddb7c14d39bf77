"""Does one thing to 5,000 files, as fast as it can: python3 all-at-once.py TREE create|change|rename|remove."""
import os
import sys

tree, what = sys.argv[1], sys.argv[2]
for i in range(100):
    directory = "%s/%d" % (tree, i)
    if what == "create":
        os.mkdir(directory)
    for j in range(50):
        path = "%s/%d" % (directory, j)
        if what in ("create", "change"):
            with open(path, "w") as file:
                file.write("%s %d %d" % (what, i, j))
        elif what == "rename":
            os.rename(path, path + "-renamed")
        else:
            os.unlink(path + "-renamed")
    if what == "remove":
        os.rmdir(directory)
