<?php
require __DIR__ . '/held.php';

const HOME = __DIR__ . '/wordpress/usr/share/wordpress/';
const KEYS = ['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY',
    'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'];

if ($held === 'text') eval(substr($text = file_get_contents('config'), 5));
else foreach (KEYS as $i => $name)
    define($name, secret($name, fn (string $bytes) => hash('sha256', $bytes . $i)));

// The part of WordPress that makes cookies, without its database.
define('ABSPATH', HOME);
define('WPINC', 'wp-includes');
require HOME . 'wp-includes/plugin.php';
require HOME . 'wp-includes/pluggable.php';

function __(string $text) { return $text; }
function get_site_option() { return false; }
function update_site_option() { return true; }

$hashes = [];
foreach (['auth', 'logged_in', 'nonce'] as $scheme) $hashes[$scheme] = wp_hash("seven|1938271645|$scheme", $scheme);
ready();
