// The failure detector: one probe a period, help from others, and the same service for them.
#include "protocol/membership/membership.hpp"

namespace hansa {

Instant Membership::probe_due() const {
  return probe_ ? probe_->deadline() : next_probe_at_;
}

void Membership::continue_probe(Instant now, Effects& out) {
  if (probe_ && !probe_->answered && !probe_->help_asked && now >= probe_->help_at) ask_helpers(out);
  if (probe_ && now >= probe_->ends_at) {
    judge_probe(now);
    probe_.reset();
    next_probe_at_ = now;
  }
  if (!probe_ && now >= next_probe_at_) start_probe(now, out);
}

void Membership::start_probe(Instant now, Effects& out) {
  const auto target = round_.next(view_, rng_);
  if (!target) {
    next_probe_at_ = now + options_.period;
    return;
  }
  // An isolated site accuses nobody, so it can afford to look for its peers at full pace.
  const auto stretch = [&](Duration duration) { return isolated() ? duration : health_.stretch(duration); };
  const auto sequence = send_probe(*target, out);
  const auto help_at = now + stretch(patience_with(*view_.find(*target)));
  probe_ = ProbeInFlight{.target = *target,
                         .sequence = sequence,
                         .sent_at = now,
                         .help_at = help_at,
                         .ends_at = help_at + stretch(options_.period - options_.probe_timeout),
                         .next_at = now + stretch(options_.period)};
}

// A member that is always slow, or far away, is waited for longer, up to three periods; it would else be suspected, and
// have to refute, again and again.
Duration Membership::patience_with(const Member& target) const {
  return std::max(options_.probe_timeout, std::min(2 * target.rtt.smoothed(), 3 * options_.period));
}

std::uint64_t Membership::send_probe(const SiteName& to, Effects& out) {
  const auto sequence = ++sequence_;
  out.send.push_back({to, Probe{sequence, gossip_for(to)}});
  return sequence;
}

void Membership::ask_helpers(Effects& out) {
  probe_->help_asked = true;
  probe_->helpers = view_.pick(options_.helpers, rng_, [&](const Member& member) {
    return member.state == MemberState::alive && member.site() != probe_->target;
  });
  for (const auto& helper : probe_->helpers) {
    out.send.push_back({helper, IndirectProbe{probe_->sequence, probe_->target, gossip_for(helper)}});
  }
}

void Membership::judge_probe(Instant now) {
  if (probe_->answered) return;
  late_answers_.wait_for(*probe_);
  // If nobody at all was heard since it left, it says nothing of the target: perhaps it is us.
  if (isolated() || isolation_.heard_at() < probe_->sent_at) return;
  // A helper that reports silence is well and reached us; one that reports nothing means that we hear badly.
  const auto missed = probe_->helpers.size() - probe_->silent_too.size();
  health_.worse(probe_->helpers.empty() ? 1 : static_cast<std::uint32_t>(missed));
  auto* member = view_.find(probe_->target);
  if (member && member->reachable()) suspect(now, *member, self_, {});
}

void Membership::step(const Now& now, const SiteName& from, const Probe& probe, Effects& out) {
  if (!admit(now, from, out)) return;
  hear(now, from, probe.gossip, Source::news, out);
  out.send.push_back({from, ProbeAck{probe.sequence, gossip_for(from)}});
}

void Membership::step(const Now& now, const SiteName& from, const ProbeAck& ack, Effects& out) {
  if (!admit(now, from, out)) return;
  hear(now, from, ack.gossip, Source::news, out);
  if (const auto relay = relays_.answered(ack.sequence, from)) {
    out.send.push_back({relay->asker, ProbeAck{relay->asker_sequence, gossip_for(relay->asker)}});
    return;
  }
  if (probe_ && probe_->sequence == ack.sequence && probe_->may_answer(from)) return take_answer(now.instant, from);
  const auto sent_at = late_answers_.answered(ack.sequence, from);
  if (auto* member = view_.find(from); member && sent_at) member->rtt.measured(now.instant - *sent_at);
}

void Membership::take_answer(Instant now, const SiteName& from) {
  if (auto* member = view_.find(from); member && from == probe_->target) member->rtt.measured(now - probe_->sent_at);
  if (std::exchange(probe_->answered, true)) return;
  probe_->ends_at = std::max(now, probe_->next_at);
  health_.better();
}

void Membership::step(const Now& now, const SiteName& from, const IndirectProbe& request, Effects& out) {
  if (!admit(now, from, out)) return;
  hear(now, from, request.gossip, Source::news, out);
  const bool possible = view_.find(request.target) && request.target != from;
  const Relay relay{.asker = from,
                    .asker_sequence = request.sequence,
                    .target = request.target,
                    .nack_at = now.instant + options_.probe_timeout * 4 / 5,
                    .ends_at = now.instant + options_.period};
  if (possible && relays_.add(sequence_ + 1, relay)) {
    send_probe(request.target, out);
  } else {
    out.send.push_back({from, ProbeNack{request.sequence}});
  }
}

void Membership::step(const Now& now, const SiteName& from, const ProbeNack& nack, Effects& out) {
  if (!admit(now, from, out)) return;
  if (!probe_ || probe_->sequence != nack.sequence || !probe_->may_answer(from) || from == probe_->target) return;
  auto& silent = probe_->silent_too;
  if (std::find(silent.begin(), silent.end(), from) == silent.end()) silent.push_back(from);
}

void Membership::nack_silent_relays(Instant now, Effects& out) {
  for (const auto& relay : relays_.silent(now)) {
    out.send.push_back({relay.asker, ProbeNack{relay.asker_sequence}});
  }
}

// The probe carries the claim against its target; a target that lives refutes it, and is back.
void Membership::probe_a_failed_member(Instant now, Effects& out) {
  next_reconnect_at_ = now + options_.reconnect_every;
  const auto failed = [](const Member& member) { return member.state == MemberState::failed; };
  for (const auto& site : view_.pick(1, rng_, failed)) send_probe(site, out);
}

}  // namespace hansa
