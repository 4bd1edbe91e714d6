<?php
// The secret of a program, in its environment, in the text of its configuration, or made in code.
[, $held, , $seed] = $argv;
$text = '';

function secret(string $name, callable $make): string
{
    global $held, $seed, $text;
    if ($held === 'environment') return getenv($name);
    if ($held === 'object') return $make(hash('sha256', $seed, true));
    $text = file_get_contents('config');
    preg_match("/^$name=(.*)$/m", $text, $found);
    return $found[1];
}

/** The program answers on its own, as a worker that keeps the application in memory; then it waits. */
function ready(): void
{
    echo "ready\n";
    fgets(STDIN);
}
