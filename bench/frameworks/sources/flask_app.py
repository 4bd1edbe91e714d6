from flask import Flask, session
from werkzeug.serving import make_server

from held import PORT, secret

app = Flask('app')
app.secret_key = secret('SECRET_KEY')


@app.route('/')
def index():
    session['user_name'] = 'seven'
    return 'hello'


server = make_server('127.0.0.1', int(PORT), app)
print('ready', flush=True)
server.serve_forever()
