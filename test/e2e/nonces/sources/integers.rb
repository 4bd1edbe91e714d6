# Textbook ECDSA over Integer: KEYFILE CURVE COUNT WRITTEN. Keeps the key and the signatures as integers.
require 'digest'
require 'securerandom'

CURVES = {
  'secp256k1' => [2**256 - 2**32 - 977, 0,
                  0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141,
                  [0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798,
                   0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8]],
  'P-256' => [2**256 - 2**224 + 2**192 + 2**96 - 1, -3,
              0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
              [0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
               0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5]]
}.freeze
path, name, count, written = ARGV
P, A, N, G = CURVES[name]

def add(one, two)
  return one || two if one.nil? || two.nil?

  (x1, y1), (x2, y2) = one, two
  slope = x1 == x2 ? (3 * x1 * x1 + A) * (2 * y1).pow(P - 2, P) : (y2 - y1) * ((x2 - x1) % P).pow(P - 2, P)
  x = (slope * slope - x1 - x2) % P
  [x, (slope * (x1 - x) - y1) % P]
end

def multiply(k)
  sum = nil
  point = G
  while k.positive?
    sum = add(sum, point) if k.odd?
    point = add(point, point)
    k >>= 1
  end
  sum
end

d = File.binread(path).bytes.reduce { |sum, byte| (sum << 8) | byte }
File.delete(path)
point = multiply(d)
kept = [d, point]
kept << ['04' + point.map { |each| format('%064x', each) }.join].pack('H*') if written == '1'
count.to_i.times do |i|
  h = Digest::SHA256.digest("message #{i}").bytes.reduce { |sum, byte| (sum << 8) | byte }
  k = SecureRandom.random_number(N)
  r = multiply(k)[0] % N
  kept << [r, k.pow(N - 2, N) * (h + r * d) % N]
end
GC.start
puts 'ready'
$stdout.flush
sleep 3600
