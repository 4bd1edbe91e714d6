<?php
require __DIR__ . '/held.php';
require '/usr/share/php/Illuminate/Cookie/autoload.php';
require '/usr/share/php/Illuminate/Encryption/autoload.php';
require '/usr/share/php/Illuminate/Http/autoload.php';

use Illuminate\Cookie\Middleware\EncryptCookies;
use Illuminate\Encryption\Encrypter;
use Illuminate\Http\Request;
use Illuminate\Http\Response;
use Symfony\Component\HttpFoundation\Cookie;

$key = secret('APP_KEY', fn (string $bytes) => 'base64:' . base64_encode($bytes));
$bytes = base64_decode(substr($key, 7));
$middleware = new EncryptCookies(new Encrypter($bytes, 'AES-256-CBC'));

function visit(EncryptCookies $middleware, array $cookies): array
{
    $request = Request::create('http://127.0.0.1/', 'GET', [], $cookies);
    $response = $middleware->handle($request, function () {
        $response = new Response('hello');
        $response->headers->setCookie(Cookie::create('laravel_session', bin2hex(random_bytes(20))));
        return $response;
    });
    [$cookie] = $response->headers->getCookies();
    return [$response, [$cookie->getName() => $cookie->getValue()], (string) $response];
}

[$response, $cookies, $sent] = visit($middleware, []);
[$response, $cookies, $sent] = visit($middleware, $cookies);
ready();
