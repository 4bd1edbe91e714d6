import asyncio

import tornado.web

from held import PORT, secret


class Index(tornado.web.RequestHandler):
    def get(self):
        self.get_signed_cookie('user')
        self.set_signed_cookie('user', 'seven')
        self.write('hello')


async def main():
    app = tornado.web.Application([('/', Index)], cookie_secret=secret('COOKIE_SECRET'))
    app.listen(int(PORT), '127.0.0.1')
    print('ready', flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
