"""Holds values that come by lines, in the order of core-ways.ts: names are in the program, values on the heap."""

import gc
import sys
import time


class Config:
    pass


def value():
    return sys.stdin.readline().rstrip("\n")


held = {"db.password": value()}
large = {f"key{i}": i for i in range(1000)}
large["session_secret"] = value()
mixed = {7: 8, "webhook_secret": value()}
nested = {"auth": {"api_secret": value()}}
keywords = dict(encryption_key=value())
pair = ("client_secret", value())
items = ["access_token", value()]
raw = {"signing_secret": value().encode()}
config = Config()
config.jwt_secret = value()
decoys = {name: value() for name in ["requestId", "etag", "sha256", "publicKey", "traceId", "cacheKey"]}
gc.collect()
print("ready", flush=True)
time.sleep(600)
