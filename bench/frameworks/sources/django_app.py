from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

from held import PORT, secret


def visit(request):
    request.session['user'] = 7
    return HttpResponse('hello')


urlpatterns = [path('', visit)]
settings.configure(
    SECRET_KEY=secret('SECRET_KEY'),
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=['*'],
    MIDDLEWARE=['django.contrib.sessions.middleware.SessionMiddleware'],
    SESSION_ENGINE='django.contrib.sessions.backends.signed_cookies',
)
server = make_server('127.0.0.1', int(PORT), get_wsgi_application())
print('ready', flush=True)
server.serve_forever()
