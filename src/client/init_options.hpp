// The options of `hansa init`, which the helper that does it reads as well.
#pragma once

#include "src/client/args.hpp"

namespace hansa::client {

inline constexpr Option init_options[] = {
    {"site", 0, "NAME", "the site's name, unique in its federation"},
    {"region", 0, "PATH", "where it is: cn/east/suzhou"},
    {"listen", 0, "ENDPOINT", "for other sites: tcp://127.0.0.1:7700; without it, this site only dials out"},
    {"bulk-listen", 0, "ENDPOINT", "for files between sites (default: the port after it)"},
    {"advertise", 0, "ENDPOINT", "how others reach --listen, if otherwise; repeatable"},
    {"bulk-advertise", 0, "ENDPOINT", "how others reach --bulk-listen, if otherwise; repeatable"},
    {"http", 0, "ADDRESS", "the API over TCP as well, on loopback: 127.0.0.1:7780"},
    {"backend", 0, "NAME", "what runs jobs (default: process)"},
    {"run-as", 0, "USER", "whose processes jobs are, when the daemon is root (default: nobody)"},
    {"label", 0, "LABEL", "what the site has: apptainer, cuda=12.2; repeatable"},
    {"pool", 0, "POOL", "name=…,model=…,nodes=…,accelerators=…,cpus=…,memory_gb=…,tflops=…,price=…; repeatable"},
    {"peer", 0, "PEER", "a site known beforehand; repeatable"},
    {"help", 0, "", "this text"},
};

}  // namespace hansa::client
