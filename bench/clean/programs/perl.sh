exec perl -MStorable -MEncode -MPOSIX -MIO::Socket -e '@k = map { { n => $_, t => "text $_" } } 1..200000; sleep 600'
