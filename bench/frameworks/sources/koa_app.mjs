import Koa from 'koa';
import { fromEnvFile, port, secret, started } from './held.mjs';

const app = new Koa();
app.keys = secret('APP_KEYS', fromEnvFile('APP_KEYS')).split(',');
app.use((context) => {
  context.cookies.get('user', { signed: true });
  context.cookies.set('user', 'seven', { signed: true });
  context.body = 'hello';
});
app.listen(port, '127.0.0.1', () => started());
