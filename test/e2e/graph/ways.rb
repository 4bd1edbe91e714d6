# Holds values that come by lines, in the order of core-ways.ts: names are in the program, values on the heap.

class Config
  def initialize(value)
    @jwt_secret = value
  end
end

def value = $stdin.gets.chomp

HELD = { 'db.password' => value }
LARGE = 200.times.to_h { |i| ["key#{i}", i] }
LARGE['session_secret'] = value
NESTED = { 'auth' => { 'api_secret' => value } }
PAIR = ['client_secret', value]
SYMBOL = { api_token: value }
CONFIG = Config.new(value)
DECOYS = %w[requestId etag sha256 publicKey traceId cacheKey].to_h { |name| [name, value] }
GC.start
puts 'ready'
$stdout.flush
sleep 600
