// hansa: the command. Everything is in src/client.
#include "src/client/verbs.hpp"

int main(int count, char** words) {
  return hansa::client::run_command({words + 1, words + count});
}
