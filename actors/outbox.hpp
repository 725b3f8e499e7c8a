// Outbox: what a site decided, and may not say or do before the disk has it.
//
// Problem: a submission is answered when the disk has it. If the brain had to hear of each commit first, every answer,
// every word to a peer and every start would cost one more change of threads, and the brain a step that decides
// nothing. Idea: whoever learns that a batch is durable releases what waited for it, which is the store's own thread,
// or the brain's where it committed the batch itself (committer.hpp). Invariants: (1) the rules are those of perform(),
// one lock around them: what is released, is released in the order in which it was decided, whichever thread does it;
// (2) nothing in here calls back into the brain: what this site says to itself waits until the brain fetches it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "actors/committer.hpp"
#include "actors/messages.hpp"
#include "actors/site.hpp"
#include "protocol/perform.hpp"

namespace hansa {

class Outbox {
 public:
  Outbox(SitePorts ports, std::shared_ptr<Addresses> addresses, std::shared_ptr<Committer> committer)
      : ports_(std::move(ports)), addresses_(std::move(addresses)), committer_(std::move(committer)) {}

  // --- From the brain's thread.
  // The ticket under which a user's answer will come.
  Ticket expect(std::function<void(ApiReply)> answer);
  void perform(Effects effects);
  // What this site has said to itself since.
  std::deque<Send> take_own();
  // `done` is called once everything decided so far is durable and said.
  void when_clear(std::function<void()> done);

  // --- From whichever thread committed.
  void persisted(BatchNumber batch);

 private:
  // The World of perform(), with the lock held.
  struct World {
    Outbox& box;
    void send(Send message);
    void publish(const FederationEvent& event);
    void audit(std::vector<AuditNote> notes);
    void cut_off(const SiteName& peer);
    void admit(std::vector<PeerAddress> roster);
    void commit(BatchNumber batch, std::vector<StoreRecord> records);
    void release(DurablePart part);
  };
  void answer(Reply reply);
  void post();
  void call_if_clear();

  SitePorts ports_;
  std::shared_ptr<Addresses> addresses_;
  std::shared_ptr<Committer> committer_;
  std::mutex mutex_;
  DurableQueue durable_;
  std::map<Ticket, std::function<void(ApiReply)>> answers_;
  Ticket last_ticket_;
  std::deque<Send> own_;
  std::vector<Send> to_peers_;
  std::function<void()> when_clear_;
};

}  // namespace hansa
