#include "protocol/controller/tally.hpp"

#include <utility>

#include "protocol/wire/reflect.hpp"

namespace hansa {
namespace {

template <std::size_t... Index>
std::map<std::string, std::uint64_t> named(const std::array<std::uint64_t, sizeof...(Index)>& counts,
                                           std::index_sequence<Index...>) {
  return {{std::string(wire::type_word<std::variant_alternative_t<Index, Message>>()), counts[Index]}...};
}

}  // namespace

void Tally::heard(const SiteName& from, const Message& message) {
  if (from != self_) ++received_[message.index()];
}

void Tally::said(const Send& send) {
  if (send.to != self_) ++sent_[send.message.index()];
}

void Tally::happened(const FederationEvent& event) {
  ++events_[event.kind];
  if (event.kind == "job_finished") ++jobs_ended_[event.text];
}

Tally::Watch::~Watch() {
  // merge_awards() may have taken some away again, never any from before.
  for (auto i = sends_; i < out_.send.size(); ++i) tally_.said(out_.send[i]);
  for (auto i = durable_sends_; i < out_.send_durable.size(); ++i) tally_.said(out_.send_durable[i]);
  for (auto i = events_; i < out_.events.size(); ++i) tally_.happened(out_.events[i]);
}

void Tally::fill(SiteFigures& figures) const {
  constexpr auto all = std::make_index_sequence<std::variant_size_v<Message>>{};
  figures.messages_sent = named(sent_, all);
  figures.messages_received = named(received_, all);
  figures.events = events_;
  figures.jobs_ended = jobs_ended_;
}

}  // namespace hansa
