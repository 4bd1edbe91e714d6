for h in iostream map regex filesystem algorithm functional thread future unordered_map random chrono; do echo "#include <$h>"; done > a.cc
echo 'int main() { std::regex r("a+b"); std::map<std::string, std::regex> m; return m.size(); }' >> a.cc
while :; do g++ -O2 -g a.cc -o a; done
