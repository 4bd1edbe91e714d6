require_relative 'held'
require 'sinatra/base'
require 'rackup'

class App < Sinatra::Base
  set :environment, :production
  set :sessions, true
  set :session_secret, secret('SESSION_SECRET')

  get '/' do
    session[:user] = 'seven'
    'hello'
  end
end

started = -> { puts "ready"; $stdout.flush }
options = { Host: '127.0.0.1', Port: PORT.to_i, Logger: WEBrick::Log.new(nil, 0), AccessLog: [], StartCallback: started }
Rackup::Handler::WEBrick.run(App, **options)
