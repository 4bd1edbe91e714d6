import session from 'cookie-session';
import express from 'express';
import { port, secret, started } from './held.mjs';

const app = express();
app.use(session({ keys: [secret('COOKIE_SECRET', (text) => JSON.parse(text).cookieSession.keys[0])] }));
app.get('/', (request, response) => {
  request.session.user = 7;
  response.send('hello');
});
app.listen(port, '127.0.0.1', () => started());
