# Signs with CryptX (libtomcrypt): KEYFILE CURVE COUNT WRITTEN. Keeps the key and the signatures.
use strict;
use warnings;
use Crypt::PK::ECC;

my ($path, $name, $count, $written) = @ARGV;
open(my $file, '<:raw', $path) or die;
read($file, my $bytes, 66);
close($file);
unlink($path);
my %names = ('secp256k1' => 'secp256k1', 'P-256' => 'secp256r1', 'P-384' => 'secp384r1');
my $key = Crypt::PK::ECC->new;
$key->import_key_raw($bytes, $names{$name});
my @kept = map { $key->sign_message("message $_", 'SHA256') } 1 .. $count;
push @kept, $key->export_key_der('public') if $written;
$| = 1;
print "ready\n";
sleep 3600;
