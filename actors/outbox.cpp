#include "actors/outbox.hpp"

#include <utility>

#include "src/store/payload_lookup.hpp"

namespace hansa {

Ticket Outbox::expect(std::function<void(ApiReply)> answer) {
  const std::lock_guard lock(mutex_);
  last_ticket_ = last_ticket_.next();
  answers_.emplace(last_ticket_, std::move(answer));
  return last_ticket_;
}

void Outbox::perform(Effects effects) {
  const std::lock_guard lock(mutex_);
  World world{*this};
  hansa::perform(std::move(effects), durable_, world);
  post();
}

void Outbox::persisted(BatchNumber batch) {
  const std::lock_guard lock(mutex_);
  World world{*this};
  hansa::persisted(batch, durable_, world);
  post();
  if (!own_.empty()) addresses_->tell(Role::controller, OwnMail{});
  call_if_clear();
}

std::deque<Send> Outbox::take_own() {
  const std::lock_guard lock(mutex_);
  auto own = std::exchange(own_, {});
  if (own.empty()) call_if_clear();
  return own;
}

void Outbox::when_clear(std::function<void()> done) {
  const std::lock_guard lock(mutex_);
  when_clear_ = std::move(done);
  call_if_clear();
}

void Outbox::call_if_clear() {
  if (when_clear_ && durable_.is_clear() && own_.empty()) std::exchange(when_clear_, nullptr)();
}

// What goes to peers in one go is one message to the link, which makes few frames of it.
void Outbox::post() {
  if (!to_peers_.empty()) addresses_->tell(Role::link, ToPeers{std::exchange(to_peers_, {})});
}

void Outbox::World::send(Send message) {
  if (message.to == box.ports_.site) {
    if (std::holds_alternative<PayloadTold>(message.message)) attach_payloads(*box.ports_.store, message.message);
    box.own_.push_back(std::move(message));
  } else {
    box.to_peers_.push_back(std::move(message));
  }
}

void Outbox::World::publish(const FederationEvent& event) {
  box.ports_.publish(event);
}

void Outbox::World::audit(std::vector<AuditNote> notes) {
  for (auto& note : notes) box.ports_.audit(std::move(note));
}

void Outbox::World::cut_off(const SiteName& peer) {
  box.addresses_->tell(Role::link, CutOffPeer{peer});
}

void Outbox::World::admit(std::vector<PeerAddress> roster) {
  box.addresses_->tell(Role::link, LetIn{std::move(roster)});
}

void Outbox::World::commit(BatchNumber batch, std::vector<StoreRecord> records) {
  box.ports_.directory->note(records);
  box.committer_->append(batch, std::move(records));
}

void Outbox::World::release(DurablePart part) {
  for (auto& message : part.send) send(std::move(message));
  if (!part.backend.empty()) box.addresses_->tell(Role::backend, DoBackend{std::move(part.backend)});
  if (!part.staging.empty()) box.addresses_->tell(Role::staging, DoStaging{std::move(part.staging)});
  for (auto& reply : part.replies) box.answer(std::move(reply));
}

void Outbox::answer(Reply reply) {
  auto waiting = answers_.extract(reply.ticket);
  if (!waiting) return;
  if (reply.reply) {
    if (auto* why = std::get_if<Why>(&reply.reply.value())) why->note = ports_.store->note(why->job.id).value_or("");
  }
  waiting.mapped()(std::move(reply.reply));
}

}  // namespace hansa
