"""The secret of a program, in its environment, in the text of its configuration, or made in code."""

import hashlib
import os
import sys

_, HELD, PORT, SEED = sys.argv
TEXT = ''


def secret(name):
    global TEXT
    if HELD == 'environment':
        return os.environ[name]
    if HELD == 'object':
        return hashlib.sha256(SEED.encode()).hexdigest()
    with open('config') as file:
        TEXT = file.read()
    values = {}
    exec(TEXT, values)
    return values[name]
