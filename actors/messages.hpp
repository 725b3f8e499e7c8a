// What actors tell each other: named structs, all in one place.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/caf.hpp"
#include "actors/intake.hpp"
#include "hansa/api.hpp"
#include "hansa/ports/backend.hpp"
#include "hansa/ports/staging.hpp"
#include "hansa/ports/transport.hpp"
#include "protocol/effects.hpp"
#include "protocol/membership/member.hpp"
#include "protocol/perform.hpp"

namespace hansa {

// --- To the controller.
// First of all, once everyone can reach it.
struct BeginSite {};
struct FromPeer {
  SiteName from;
  std::vector<Message> messages;
  Intake::Pass pass;
};
struct LinkChanged {
  SiteName peer;
  bool up = false;
};
struct BackendSaid {
  BackendEvent event;
};
struct StagingSaid {
  StagingEvent event;
};
struct UserAsks {
  Caller caller;
  ApiCall call;
  std::function<void(ApiReply)> answer;
};
struct PeersConfigured {
  std::vector<KnownSite> known;
};
// The operator's policy is another one; null for none.
struct PolicyChanged {
  std::shared_ptr<const Policy> policy;
};
// What this site said to itself may be fetched.
struct OwnMail {};
// The disk is full, or has room again. Batches wait meanwhile; none is lost.
struct DiskState {
  bool full = false;
  std::uint64_t bytes_free = 0;
};
struct Degraded {
  std::string problem;  // empty: all is well again
};
// Of the alarms that were set only the last counts.
struct TimeToTick {
  std::uint64_t alarm = 0;
};
// Memory that only the start needed is given back.
struct StartIsOver {};
// Give back what can be, say goodbye, flush; then `done` is called.
struct StopSite {
  std::function<void()> done;
};

// --- To the store.
// The brain left something to be committed.
struct CommitWaiting {};
struct TryDiskAgain {};
struct LookAtDisk {};

// --- To the link.
struct ToPeers {
  std::vector<Send> messages;
};
struct FrameCame {
  SiteName from;
  std::string frame;
  bool urgent = false;
  Intake::Pass pass;
};
struct RepeatHello {};
struct CutOffPeer {
  SiteName peer;
};
// Who may connect from now on, whole.
struct LetIn {
  std::vector<PeerAddress> roster;
};
// The frame that opens a link, once this site may speak.
struct GreetWith {
  Hello hello;
};

// --- To the backend and to staging.
struct DoBackend {
  std::vector<BackendCommand> commands;
};
struct DoStaging {
  std::vector<StagingCommand> commands;
};

}  // namespace hansa

HANSA_ACTOR_MESSAGE(BeginSite)
HANSA_ACTOR_MESSAGE(FromPeer)
HANSA_ACTOR_MESSAGE(LinkChanged)
HANSA_ACTOR_MESSAGE(BackendSaid)
HANSA_ACTOR_MESSAGE(StagingSaid)
HANSA_ACTOR_MESSAGE(UserAsks)
HANSA_ACTOR_MESSAGE(PeersConfigured)
HANSA_ACTOR_MESSAGE(PolicyChanged)
HANSA_ACTOR_MESSAGE(OwnMail)
HANSA_ACTOR_MESSAGE(DiskState)
HANSA_ACTOR_MESSAGE(Degraded)
HANSA_ACTOR_MESSAGE(TimeToTick)
HANSA_ACTOR_MESSAGE(StartIsOver)
HANSA_ACTOR_MESSAGE(StopSite)
HANSA_ACTOR_MESSAGE(CommitWaiting)
HANSA_ACTOR_MESSAGE(TryDiskAgain)
HANSA_ACTOR_MESSAGE(LookAtDisk)
HANSA_ACTOR_MESSAGE(ToPeers)
HANSA_ACTOR_MESSAGE(FrameCame)
HANSA_ACTOR_MESSAGE(CutOffPeer)
HANSA_ACTOR_MESSAGE(RepeatHello)
HANSA_ACTOR_MESSAGE(LetIn)
HANSA_ACTOR_MESSAGE(GreetWith)
HANSA_ACTOR_MESSAGE(DoBackend)
HANSA_ACTOR_MESSAGE(DoStaging)
