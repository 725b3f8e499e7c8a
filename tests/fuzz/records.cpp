// What sites sign and what the journal holds: digests, site records, payloads, manifests, jobs and runs. The first byte
// says which.
#include "protocol/wire/codec.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace hansa;

namespace {

template <class T>
void read(std::string_view bytes) {
  const auto value = decode<T>(bytes);
  if (!value) return;
  const auto again = decode<T>(encode(*value));
  fuzz::promise(again.ok() && *again == *value, "a value can be written and read again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = fuzz::text_of(data + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      read<SiteRecord>(bytes);
      break;
    case 1:
      read<CapacityDigest>(bytes);
      break;
    case 2:
      read<JobPayload>(bytes);
      break;
    case 3:
      read<Manifest>(bytes);
      break;
    case 4:
      read<JobRecord>(bytes);
      break;
    default:
      read<RunRecord>(bytes);
  }
  return 0;
}
