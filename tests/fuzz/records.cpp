// What sites sign, what the journal holds, and what admits a site. The first byte says which.
#include <iterator>

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

// Their places are in tests/fuzz/run and in the corpus: append only.
constexpr void (*readers[])(std::string_view) = {
    read<SiteRecord>, read<CapacityDigest>,   read<JobPayload>, read<Manifest>,   read<JobRecord>,
    read<RunRecord>,  read<JobCopy>,          read<Charter>,    read<Statement>,  read<SignedStatement>,
    read<Invitation>, read<EnrolmentRequest>, read<Enrolled>,   read<KeptAddress>};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  readers[data[0] % std::size(readers)](fuzz::text_of(data + 1, size - 1));
  return 0;
}
