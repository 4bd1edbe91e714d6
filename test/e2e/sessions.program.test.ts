import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { dumpOf } from '../support/processes.js';
import { PYTHON } from '../support/programs.js';
import { writePrivate } from '../support/secrets.js';

/** Django with sessions in cookies and Flask, each of which answers a request with a session. */
const SERVER = `
import os
from base64 import b64encode
import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from flask import Flask, session
from itsdangerous import TimestampSigner

def visit(request):
    request.session['user'] = 7
    return HttpResponse('hello')

urlpatterns = [path('', visit)]
settings.configure(
    SECRET_KEY=os.environ['DJANGO_SECRET_KEY'], ROOT_URLCONF=__name__, ALLOWED_HOSTS=['*'],
    MIDDLEWARE=['django.contrib.sessions.middleware.SessionMiddleware'],
    SESSION_ENGINE='django.contrib.sessions.backends.signed_cookies')
django.setup()
from django.test import Client
visitor = Client()
visitor.get('/')
visitor.get('/')

app = Flask('app')
app.secret_key = os.environ['FLASK_SECRET_KEY']

@app.route('/')
def index():
    session['user_name'] = 'seven'
    return 'hello'

guest = app.test_client()
guest.get('/')
guest.get('/')
# As SessionMiddleware of Starlette does it, with a secret from a file.
class Middleware: pass
with open('secret') as file:
    Middleware.signer = TimestampSigner(file.read())
cookie = Middleware.signer.sign(b64encode(b'{"user": "seven"}')).decode()
print('ready', flush=True)
input()
`;

describeWith(['python3-django', 'python3-flask', 'gdb'], 'a secret in an environment', () => {
  test('is proven by the sessions that Django and Flask have signed with it', async () => {
    await withTempDir(async (folder) => {
      const [django, flask, other] = [0, 1, 2].map(() => randomBytes(24).toString('hex'));
      const env = { DJANGO_SECRET_KEY: django!, FLASK_SECRET_KEY: flask!, OTHER_SECRET_KEY: other! };
      writePrivate(folder, 'secret', randomBytes(24).toString('base64url'));
      const source = writePrivate(folder, 'server.py', SERVER);
      const core = await dumpOf(PYTHON, [source], folder, { env, ready: 'ready' });
      const { status, report } = await scanJson([core], { cwd: folder });
      expect(status).toBe(1);
      const secrets = report.findings.filter(({ ruleId }) => ruleId.startsWith('named-secret:'));
      const proven = secrets.filter(({ confidence }) => confidence === 'proven');
      const statements = proven.flatMap(({ proof }) => proof);
      for (const name of ['Django', 'Flask'])
        expect(statements).toContainEqual(expect.stringMatching(`^signed the ${name} session at 0x`));
      expect(proven.map(({ severity, signing, counts }) => ({ severity, signing, counts }))).toEqual([
        { severity: 'critical', signing: true, counts: true },
        { severity: 'critical', signing: true, counts: true },
      ]);
      const found = report.findings.filter(({ ruleId }) => ruleId === 'signing-secret-number');
      expect(found).toMatchObject([{ confidence: 'proven', severity: 'critical', counts: true }]);
      expect(found[0]?.proof).toContainEqual(expect.stringMatching(/^signed the Starlette session at 0x/));
      expect(secrets.filter(({ confidence }) => confidence === 'medium')).toMatchObject([
        { ruleId: 'named-secret:secret-key', severity: 'high', counts: true },
      ]);
    });
  });
});

/** Sessions of Express: their cookies, signed as the package cookie-signature does it. */
const EXPRESS = `
const { createHmac, randomBytes } = require('node:crypto');
const secret = process.env.SESSION_SECRET;
const hmac = (value) => createHmac('sha256', secret).update(value).digest('base64');
const sign = (value) => value + '.' + hmac(value).replace(/=+$/, '');
const cookie = () => 's:' + sign(randomBytes(24).toString('base64url'));
globalThis.headers = Array.from({ length: 3 }, () =>
  Buffer.from('Cookie: connect.sid=' + encodeURIComponent(cookie())));
console.log('ready');
process.stdin.resume();
`;

describeWith(['gdb'], 'a secret in the environment of a program in Node.js', () => {
  test('is proven by the cookies that it has signed as Express does', async () => {
    await withTempDir(async (folder) => {
      const env = { SESSION_SECRET: randomBytes(24).toString('hex') };
      const core = await dumpOf(process.execPath, ['-e', EXPRESS], folder, { env, ready: 'ready' });
      const { status, report } = await scanJson([core], { cwd: folder });
      expect(status).toBe(1);
      const [found] = report.findings.filter(({ ruleId }) => ruleId === 'named-secret:session-secret');
      expect(found).toMatchObject({ confidence: 'proven', severity: 'critical', counts: true });
      expect(found?.proof).toContainEqual(expect.stringMatching(/^signed the Express cookie at 0x/));
    });
  });
});
