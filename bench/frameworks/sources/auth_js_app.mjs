import { createServer } from 'node:http';
import { decode, encode } from '@auth/core/jwt';
import { fromEnvFile, port, secret, started } from './held.mjs';

const key = secret('AUTH_SECRET', fromEnvFile('AUTH_SECRET'), 'base64');
const salt = 'authjs.session-token';
const server = createServer(async (request, response) => {
  const [, sent] = /authjs\.session-token=([^;]+)/.exec(request.headers.cookie ?? '') ?? [];
  if (sent !== undefined) await decode({ token: sent, secret: key, salt });
  const token = await encode({ token: { name: 'seven', sub: '7' }, secret: key, salt });
  response.setHeader('set-cookie', `${salt}=${token}; Path=/; HttpOnly`);
  response.end('hello');
});
server.listen(port, '127.0.0.1', () => started());
