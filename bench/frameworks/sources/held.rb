# The secret of a program, in its environment, in the text of its configuration, or made in code.
require 'digest'
require 'yaml'

HELD, PORT, SEED = ARGV.shift(3)

def secret(name)
  case HELD
  when 'environment' then ENV.fetch(name)
  when 'object' then Digest::SHA512.hexdigest(SEED)
  else
    $text = File.read('config')
    YAML.load($text).fetch('production').fetch(name.downcase)
  end
end
