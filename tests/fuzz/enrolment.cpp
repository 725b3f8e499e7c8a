// What strangers send to an enrolment desk, what a desk answers them, and lines of invitations that people paste. The
// first byte says which.
#include "src/enrolment/invitation_text.hpp"
#include "src/enrolment/sealed.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace hansa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = fuzz::text_of(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      if (const auto line = parse_invitation(text)) {
        const auto again = parse_invitation(invitation_text(*line));
        fuzz::promise(again.ok() && *again == *line, "an invitation can be written and read again");
      }
      break;
    case 1:
      (void)enrolment::read_greeting(text);
      break;
    case 2:
      fuzz::promise(!enrolment::open_question(text, TransportSecret{}), "nothing is opened that was not sealed");
      break;
    default:
      fuzz::promise(!enrolment::open_answer(text, enrolment::AskerKeys{}, TransportKey{}),
                    "no answer is opened that was not sealed");
  }
  return 0;
}
