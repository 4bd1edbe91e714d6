import { createServer } from 'node:http';
import { decode, encode } from 'next-auth/jwt';
import { fromEnvFile, port, secret, started } from './held.mjs';

const key = secret('NEXTAUTH_SECRET', fromEnvFile('NEXTAUTH_SECRET'), 'base64');
const server = createServer(async (request, response) => {
  const [, sent] = /next-auth\.session-token=([^;]+)/.exec(request.headers.cookie ?? '') ?? [];
  if (sent !== undefined) await decode({ token: sent, secret: key });
  const token = await encode({ token: { name: 'seven', sub: '7' }, secret: key });
  response.setHeader('set-cookie', `next-auth.session-token=${token}; Path=/; HttpOnly`);
  response.end('hello');
});
server.listen(port, '127.0.0.1', () => started());
