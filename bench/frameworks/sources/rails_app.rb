ENV['RAILS_ENV'] = 'production'
require_relative 'held'
require 'logger'
require 'action_controller/railtie'
require 'rackup'

class App < Rails::Application
  config.load_defaults 7.2
  config.eager_load = false
  config.consider_all_requests_local = true
  config.logger = Logger.new(nil)
  config.hosts.clear
  config.secret_key_base = secret('SECRET_KEY_BASE') unless HELD == 'environment'
  config.session_store :cookie_store, key: '_app_session'
  routes.append { root to: 'index#show' }
end

class IndexController < ActionController::Base
  def show
    session[:user] = 7
    cookies.signed[:remember] = 'seven'
    render plain: 'hello'
  end
end

App.initialize!
started = -> { puts "ready"; $stdout.flush }
options = { Host: '127.0.0.1', Port: PORT.to_i, Logger: WEBrick::Log.new(nil, 0), AccessLog: [], StartCallback: started }
Rackup::Handler::WEBrick.run(Rails.application, **options)
