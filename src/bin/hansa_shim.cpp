// hansa-shim CONTROL-FOLDER [NOTIFY-FD]: the wrapper of one run. Started by hansad, outlives it; not for people.
#include <fcntl.h>

#include <cstdio>
#include <cstdlib>

#include "src/backends/process/shim/wrapper.hpp"

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::fputs("hansa-shim is started by hansad for each run, not by hand.\n", stderr);
    return 2;
  }
  int notify = -1;
  if (argc == 3) {
    notify = std::atoi(argv[2]);
    ::fcntl(notify, F_SETFD, FD_CLOEXEC);
  }
  return hansa::run_wrapper(argv[1], notify);
}
