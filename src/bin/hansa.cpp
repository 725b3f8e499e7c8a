// hansa: the command. Everything is in src/client.
#include <algorithm>

#include "src/client/verbs.hpp"

int main(int count, char** words) {
  return hansa::client::run_command(count > 0 ? words[0] : "hansa", {words + std::min(1, count), words + count});
}
