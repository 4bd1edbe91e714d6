import { createServer } from 'node:http';
import { getIronSession } from 'iron-session';
import { fromEnvFile, port, secret, started } from './held.mjs';

const password = secret('SESSION_PASSWORD', fromEnvFile('SESSION_PASSWORD'));
const server = createServer(async (request, response) => {
  const session = await getIronSession(request, response, { password, cookieName: 'sid' });
  session.user = 7;
  await session.save();
  response.end('hello');
});
server.listen(port, '127.0.0.1', () => started());
