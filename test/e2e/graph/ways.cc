// Holds values that come by lines, in the order of core-ways.ts: names and values are on the heap.
#include <cstring>
#include <iostream>
#include <map>
#include <string>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <vector>

struct Entry {
  char *name, *value;
};

struct Config {
  std::string jwt_secret;
};

static std::map<std::string, std::string> held, decoys;
static std::unordered_map<std::string, std::string> hashed;
static std::vector<std::pair<std::string, std::string>> pairs;
// Not static: what nobody reads is not written.
Entry entry;
static Config config;

static std::string value() {
  std::string line;
  std::getline(std::cin, line);
  return line;
}

int main() {
  held["db.password"] = value();
  hashed["encryption_key_of_the_backup"] = value();
  pairs.push_back({"client_secret", value()});
  entry.name = strdup("API_SECRET_KEY");
  entry.value = strdup(value().c_str());
  config.jwt_secret = value();
  for (auto name : {"requestId", "etag", "sha256", "publicKey", "traceId", "cacheKey"}) decoys[name] = value();
  std::cout << "ready" << std::endl;
  sleep(600);
}
