/**
 * Keys published in specifications or library sources: real keys, and no leak. SHA-256 over the canonical
 * SubjectPublicKeyInfo, lower-case hex, and where it was published. fixtures/published/ has the numbers, from
 * which a test computes the hashes. Another test reads keys that are embedded in binaries there, if the
 * binary is installed.
 */
export const PUBLISHED_KEYS: ReadonlyMap<string, string> = new Map([
  ['9a9e5b0f404f4e2d4386e38b04ac91e535946dc2a7f8d84a31404b476e5c35e1', 'RFC 9500, section 2.1: testRSA1024'],
  [
    '8fb6bad671cfe698393c453357da61b56d757ab8c0f3fb9c87f2849e63131878',
    "RFC 9500, section 2.1: testRSA2048; the self-test of Go's crypto/rsa",
  ],
  ['96465ea5dc9bb2da7b351d808a7196e5761f2412a5040131c68d719aaba28fb9', 'RFC 9500, section 2.1: testRSA4096'],
  ['ad32320cf6c596d884b05381ba573aba8ddd5749b4de8f4a23a79f9a89ddaeb2', 'RFC 7517, appendix A.2: RSA'],
  ['a4109e6bac8043ec089a57064aeb14d0b5fd5025b95810541c52a168aa565344', 'RFC 7517, appendix C.1'],
  ['6fd13c2435a361e7c588cd17f55f5ad3df0177a66c1727a6a200845f4d7ab88c', 'RFC 7515, appendix A.2'],
  ['bf0a7a74f9afb6edda89ebabe824241bfdb281db2da50daae9973c6cbe99fe95', 'RFC 7516, appendix A.1'],
  ['c1de70b4f5ae92a53b86f6a7175e3b9b88b2f810d55aba53aca334c59fc2ea60', 'RFC 7516, appendix A.2'],
  [
    '354e92fb237955d1594d2abc296e0bffda2084dffc63cd0568d05a6418899c27',
    'libgcrypt, RSA-2048 self-test (cipher/rsa.c)',
  ],
  [
    'e756a60b85ec3f538a2708550ddc4f072ad045696172efd285c09a46c90accfe',
    'OpenSSL FIPS provider, RSA-2048 self-test',
  ],
  [
    'bd035e598049972033df19cf1631db0b35579da3bfe5f87f6a9e9d97525cc0f9',
    'OpenSSL FIPS provider, ECDSA P-224 self-test',
  ],
  [
    'b2b04340cfaee616ec9c2c62d261b208e54bb197498df52e8cadede23ac0ba5e',
    "RFC 9500, section 2.3: testECCP256; the self-test of Go's crypto/ecdsa",
  ],
  ['c4c10105a0be0ed4dd3354428dc38a9bfee64da141ce16e75c94eda272f9dd3a', 'RFC 9500, section 2.3: testECCP384'],
  ['acb1b8327fef995e2458fdf5e3c33b2dc0749feabd6a894cb9bda9d70ac06c24', 'RFC 9500, section 2.3: testECCP521'],
  [
    '5a7a78cca4a0f420d9bc62bb669c3c2759e39f723d3ae10dcbe0f0815a07ecd4',
    'RFC 6979, A.2.5; the P-256 self-test of libgcrypt',
  ],
  ['94141af5f421877481ef54c7fc43643705a0cfcf2eaf8c316426c8d67b7325b0', 'RFC 6979, A.2.3'],
  ['929ba087f0858de349b50e39b1dd123a7eaafa249bfdfc1b4a4121603c7984f9', 'RFC 6979, A.2.4'],
  ['2f95601fa82060b909bfc6b979dbd303d34d34e0afb27ea496beac362f242a4b', 'RFC 6979, A.2.6'],
  ['2fb6d46385242ea4ad431f7175e7014eb74a5fc60f65b50ca54cc23c5b08de38', 'RFC 6979, A.2.7'],
  ['2bd1bb0c44a897c30a7aa0991cde38d8062fe441de50da0f46825344f602e827', 'RFC 7515, appendix A.3'],
  ['9146ce73d6abeda5e0ab6926e7bd9b563f2f2258b488d520534a0b84ba5871df', 'RFC 7515, appendix A.4'],
  [
    'fefc1a4a381f2c7516a57e5da38323a6188163f87a00ed4607f47831c5f31020',
    'bip32 and ecpair for Node, what they try when they are loaded (testecc.js)',
  ],
  [
    'f2f0eaf8dc295d10959c904a4d4b4cb764b5f15b4263628c3a9dfcae785d786b',
    'RFC 5903, section 8.1: i; the ECDH self-test of Linux (crypto/testmgr.h)',
  ],
  [
    '412ae803cfb9f0eda9249822d5d7930c3b8befb5188d7b3281a5b6fb45fe414a',
    'RFC 5903, section 8.1: r; the ECDH self-test of Linux (crypto/testmgr.h)',
  ],
  [
    '429e0137e243105d67d42ec35b242c55b2ea4336c2bda56332e77c453e69f981',
    'RFC 5903, section 8.2: i; the ECDH self-test of Linux (crypto/testmgr.h)',
  ],
  [
    'bd6502297f8b089a6ef44c0869eac713feb927876231702ef10afaaf720e882b',
    'RFC 5903, section 8.2: r; the ECDH self-test of Linux (crypto/testmgr.h)',
  ],
  [
    '9723034626a76f25abd2015f1655e512007b22e1fc38b94724ee998cc653ee4d',
    'BIP 340, test vector 2; bip32 and ecpair for Node try it when they are loaded (testecc.js)',
  ],
  [
    'c98993ec4f77b4997a081a5e5990c7cf6b0ceeb7b27bc7312a3cc351921531a9',
    'FIDO U2F Raw Message Formats, registration example: the attestation key; ' +
      "Chromium's virtual authenticator",
  ],
  ['51b944cdfa544d4c3273aa6bf350625a7dd53bbb6a71723274f538b19a207760', 'RFC 7517, appendix A.2: EC'],
  ['36ada7a1c77e32830848b347126d4da6de59f1c30536c53750dc9ec8931349fb', 'RFC 7518, appendix C: Alice'],
  ['19818232a1dd313f53b5d5b95ae3d32570e178ba58d6d5906989fc299b00e32f', 'RFC 7518, appendix C: Bob'],
  [
    '7e66a28d34cd468dce6dc90bfa4721eaf5d04db068d3c2155fb15e4f521ab854',
    'OpenSSL FIPS provider, ECDH P-256 self-test',
  ],
  [
    '646d6be49d9f0048f94f67749eca35156eed4f7a7be18e4fc4a94bfd44e300b0',
    'Go, crypto/ed25519 self-test: the bytes 1 to 32',
  ],
  [
    '06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9',
    'RFC 8032, 7.1, test 1; RFC 8037, appendix A.1',
  ],
  ['deb2ded39dc26fce0e6085b6fc34bf6b5941913bbfe2ea614113cff9e004c170', 'RFC 8032, 7.1, test 2'],
  ['8d39ba50abe50f77b6bb8ae7b6927aff7ffbeba35ad2837c0e51e82bcbcc60d5', 'RFC 8032, 7.1, test 3'],
  ['e4f982b51ad0bdd87be820b259fe80337ef636e72b9fa7a8867a6949eb610fd6', 'RFC 8032, 7.1, test 1024'],
  ['e77db4a9572e9f6552c22bc751d5499ad218a73bdf7e15dc6ea0fc69246a44de', 'RFC 8032, 7.1, test SHA(abc)'],
  ['2391990aa611e5e333a6a37af8921d263faab93b55ea293bc124a7bbab5ebc61', 'RFC 8032, 7.4, blank'],
  ['a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f', 'RFC 8410, 10.3'],
  ['291c5293e030452a599851a7c7298f3f16c3ff1bdfafcb598927f2631f9fa641', 'RFC 7748, 6.1: Alice'],
  ['e80c4532355b04160b97b1bee8a3e13cc7369c22a786afdfe63b1f7acbc34b52', 'RFC 7748, 6.1: Bob'],
  ['af2711a4fba3c098dd4b6f8f6c8de06acdd43f30c048183ca646463bdf49be5b', 'RFC 7748, 6.2: Alice'],
  ['684999496441a973d0fd0dd05c5fefe0b7ef508422ca18890b7245eccc121cc4', 'RFC 7748, 6.2: Bob'],
  // Not in fixtures: hashed from the library's binary (Debian 13); e = 65537 is assumed for the first.
  [
    '9ee7dddbf38cff162f0f90b732cd1271b45c710f8520b2e939e0203e4a87f919',
    'NSS softoken and freebl, RSA-2048 self-test',
  ],
  ['4b29690ed247e0820278f2c92062c1e2932e44744cd131771dbec4d0c865a775', 'GnuTLS 3.8, P-256 self-test'],
  // In every kernel built with its self-tests; read from the memory of a guest (Debian 13) and compared with
  // the source.
  [
    'b6362349fb07b79f2f91889f6afac92b637787e246221087169ff7dbcd65dc98',
    'Linux, crypto/testmgr.h: pkcs1pad(rsa), RSA-2048',
  ],
  // In every Go program that links net/http/httptest (such as rclone), as TESTING KEY, which the program
  // renames when it starts. Taken from the sources of Go.
  [
    '389f9ede520dbc33d2aebc489246ad89e221d1ec15f693c348c58b08219367aa',
    "Go, net/http/internal/testcert: httptest's localhost, RSA-2048, from 1.24 on",
  ],
  [
    '64eebde4d94a861ca1b062a103ef51d4d8a2c1b0a2133838198230e9c85407ed',
    "Go, net/http/internal/testcert: httptest's localhost, RSA-2048, before 1.24",
  ],
  [
    '5ea041da911605f288086d719ca13e0d4941556fb8e42cb02c4dc81ffa9749a1',
    "Go, net/http/internal: httptest's localhost, RSA-1024",
  ],
  // The binaries (Debian 13) contain these two as whole PEM and DER, which a test reads.
  [
    '5a9214aa789ffe021992636dd17ca313f340948e604d4122735160f3d46688a0',
    'GnuTLS self-test, RSA-2048 (lib/crypto-selftests-pk.c)',
  ],
  [
    'dd0701715ac41b7b96a2c8fe7a762b0ee05215f4f21c44d9458f1d2e2d57427d',
    'GnuTLS self-test, DSA-2048 (lib/crypto-selftests-pk.c)',
  ],
  [
    'c305f632b9f12913e548002d5e48435fccfb7a54f4e6f2255c055d9b99794b69',
    'GnuTLS self-test, P-192 (lib/crypto-selftests-pk.c)',
  ],
  [
    '965237ca6ba836733f2b6436d66516dc01ef2d58825d3b4aa6b9061a76c7a9ce',
    'GnuTLS self-test, P-224 (lib/crypto-selftests-pk.c)',
  ],
  [
    '5bd7bad40971be901e68d9b97405c3a3e996adbede885869b270185ad499108e',
    'GnuTLS self-test, P-256 (lib/crypto-selftests-pk.c)',
  ],
  [
    '6e1900f654edb2e599930c8a287c7263ea170f010826630893227e7cec221586',
    'GnuTLS self-test, P-384 (lib/crypto-selftests-pk.c)',
  ],
  [
    '215fde895c12883e29036f5bd38c22467657f3cabbc77d7e9e328ab5f4ae39f2',
    'GnuTLS self-test, P-521 (lib/crypto-selftests-pk.c)',
  ],
  [
    'cc6c0dbf3e76a3d6dafb708e38556ecc6fbcd172dba90aa6a786677214febd4a',
    'GnuTLS self-test, Ed25519 (lib/crypto-selftests-pk.c)',
  ],
  [
    '80923669c3e2838b4514750c6a76c1f65dc22da15e8d87194b49a5ab463126e2',
    'GnuTLS self-test, Ed448 (lib/crypto-selftests-pk.c)',
  ],
  [
    '7055066ee3969c25d66c1b891c252e83db653ae6834cd60e49250a4af73a97fe',
    'openssl speed, RSA-512 (apps/testrsa.h)',
  ],
  [
    '0ea7caf9dd07fd79fe22ceb5efbbd7d4445d231e92ee1bf3b2a022eaffb00495',
    'openssl speed, RSA-1024 (apps/testrsa.h)',
  ],
  [
    'a6fdc2c6d07aa877e3ac360c2ce5efb69ab7dce2fd8df3c1bce0564b17114bc2',
    'openssl speed, RSA-2048 (apps/testrsa.h)',
  ],
  [
    '01e67e56244b43b668e2b9a697daaafcfb501fa78de2fcc4aa32bdae6dd94af6',
    'openssl speed, RSA-3072 (apps/testrsa.h)',
  ],
  [
    'adadc3246bb4830551c6da143d7462727967bda53059ae6f152323b0aba69595',
    'openssl speed, RSA-4096 (apps/testrsa.h)',
  ],
  [
    'd2d8c7d1de1e118e810c15eb7f8d9560a433e15cd55eac52aade81d6669cf133',
    'openssl speed, RSA-7680 (apps/testrsa.h)',
  ],
  [
    'cebf59a465ccd9c42a7f7f6a789cc741d43cacbc502587ed1c5f0f4e445f1c39',
    'openssl speed, RSA-15360 (apps/testrsa.h)',
  ],
  [
    'a61cd0f9e2e13cb9661c228195075f632a6acbf300fa358b2be175d73bfa424a',
    "Erlang's jose, what it tries at start: RSA-768 (jose_server)",
  ],
  [
    '3507da288e0f3dc19090be5e87c6102a01a36e3aed77b862521c964ba2ffa677',
    "Erlang's jose, what it tries at start: P-256 (jose_server)",
  ],
  [
    '2e34b0e307895ba04174b3e7ff71dac7865d4140b3cd088921312e509ca89d22',
    'ssh2 for Node, what it tries when it is loaded (lib/protocol/constants.js)',
  ],
  [
    'caaa0031870253da1ad2480e3a4cc37e7d7df679e67583b6d39d8d52eee5ad33',
    "NaCl, what Ruby's rbnacl tries when it is loaded (lib/rbnacl/test_vectors.rb)",
  ],
]);

/** SHA-256 over the bytes of a symmetric key, lower-case hex, and where it was published. */
export const PUBLISHED_SYMMETRIC_KEYS: ReadonlyMap<string, string> = new Map([
  [
    'c8ecc9361a05e285f04c26f9572131a6deab07e9e2b865053c6f75a4d8bd2b32',
    'RFC 7515, appendix A.1; RFC 7517, appendix A.3',
  ],
  ['7df6f598d8f385bd68522c724bc9ed483b731af4f65fea03b70da07b16925093', 'RFC 7517, appendix A.3: A128KW'],
  [
    'd4ffb8b77f7d6b26196e9a070e983f6701a4c42dec813d4de1a535d20a7df536',
    'FIPS 197, appendix A.1; SP 800-38A, F.1: AES-128',
  ],
  [
    '80fa5ff8e512e1d12f60c27d305e47fb19daa5f0aad3f32c9dd5145309e38d54',
    'FIPS 197, appendix A.2; SP 800-38A, F.1: AES-192',
  ],
  [
    'b93c72b74bc8487d29827005f80d635918f91bc22b14d7ed05714d58f96702dd',
    'FIPS 197, appendix A.3; SP 800-38A, F.1: AES-256',
  ],
  [
    '46f2c12f725921af8755806c96437b84137355b9eee64ec17713898e5acedf31',
    'The Galois/Counter Mode (McGrew, Viega), test case 3',
  ],
  ['73ec74458059c70cae3f0ade8663fe0da1dc4b114ed8cdac75364140b4458a4c', 'RFC 7520, section 3.5'],
  ['2cd6f10056d08e10430ad5658b5565056c93fcde047563f7e53a56452467c050', 'RFC 7520, section 3.6'],
]);
