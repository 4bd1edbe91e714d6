import express from 'express';
import session from 'express-session';
import { port, secret, started } from './held.mjs';

const app = express();
const key = secret('SESSION_SECRET', (text) => JSON.parse(text).session.secret);
app.use(session({ secret: key, resave: false, saveUninitialized: true }));
app.get('/', (request, response) => {
  request.session.user = 7;
  response.send('hello');
});
app.listen(port, '127.0.0.1', () => started());
