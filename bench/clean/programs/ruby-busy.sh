exec ruby -rjson -rnet/http -ropenssl -rset -rerb -ryaml -e '
$k = Dir["/usr/lib/ruby/**/*.rb"].map { |f| RubyVM::InstructionSequence.compile_file(f) rescue nil }; sleep'
