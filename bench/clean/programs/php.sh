exec php -r '$k = array_map(fn($i) => ["n" => $i, "t" => "text $i"], range(1, 200000)); phpinfo(); sleep(600);' > /dev/null
