<?php
/* Holds values that come by lines, in the order of core-ways.ts: names are in the program, values on the heap. */

class Config
{
    public $jwtSecret;
}

function value()
{
    return rtrim(fgets(STDIN), "\n");
}

$held = ['db.' . 'password' => value()];
$pair = ['client_secret', value()];
$nested = ['auth' => ['api_secret' => value()]];
$object = new stdClass();
$object->session_secret = value();
$large = [];
for ($i = 0; $i < 200; $i++) {
    $large["key$i"] = $i;
}
$large['access_token'] = value();
$config = new Config();
$config->jwtSecret = value();
$decoys = [];
foreach (['requestId', 'etag', 'sha256', 'publicKey', 'traceId', 'cacheKey'] as $name) {
    $decoys[$name] = value();
}
echo "ready\n";
sleep(600);
