// CAF as Hansa uses it: what differs between its versions is hidden here, and nothing outside actors/ includes it.
#pragma once

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/after.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

// Messages stay within the process and are never serialized.
#define HANSA_ACTOR_MESSAGE(Type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hansa::Type)
