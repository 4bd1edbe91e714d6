import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from held import PORT, secret


async def index(request):
    request.session['user'] = 'seven'
    return PlainTextResponse('hello')


middleware = [Middleware(SessionMiddleware, secret_key=secret('SESSION_SECRET'))]
app = Starlette(routes=[Route('/', index)], middleware=middleware)
print('ready', flush=True)
uvicorn.run(app, host='127.0.0.1', port=int(PORT), log_level='critical')
