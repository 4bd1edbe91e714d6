exec python3 -c '
import ast, glob, os, time, tokenize
import asyncio, decimal, email.mime.text, http.server, json, logging.config, sqlite3, ssl, unittest, urllib.request
trees = [ast.parse(open(f, "rb").read()) for f in sorted(glob.glob(os.path.dirname(os.__file__) + "/*.py"))]
time.sleep(600)'
