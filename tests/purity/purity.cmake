# What the brain may not know. Run by ctest as: cmake -DROOT=<repository> -P purity.cmake
#
# Time, randomness, threads, files and sockets come into the pure parts as values or not at all; CAF stays behind
# actors/. The link graph holds most of this; here is what a header alone could bring in.
cmake_minimum_required(VERSION 3.25)

set(broken "")

# forbid(REASON PATTERN FILES…): no line of code in FILES matches PATTERN. What stands behind // is talk, not code.
function(forbid reason pattern)
  foreach(file IN LISTS ARGN)
    file(STRINGS ${file} lines REGEX "${pattern}")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "//.*$" "" code "${line}")
      if(code MATCHES "${pattern}")
        file(RELATIVE_PATH name ${ROOT} ${file})
        string(APPEND broken "  ${name}: ${reason}: ${code}\n")
      endif()
    endforeach()
  endforeach()
  set(broken "${broken}" PARENT_SCOPE)
endfunction()

function(sources_of out)
  set(found "")
  foreach(folder IN LISTS ARGN)
    file(GLOB_RECURSE files ${ROOT}/${folder}/*.hpp ${ROOT}/${folder}/*.cpp)
    list(APPEND found ${files})
  endforeach()
  if(NOT found)
    message(FATAL_ERROR "purity: there is nothing to look at in ${ARGN}")
  endif()
  set(${out} ${found} PARENT_SCOPE)
endfunction()

sources_of(pure protocol include src/planner src/placement src/policy src/types)
forbid("an adapter's library" "include *[<\"](caf/|zmq|sqlite3|sodium|zstd|boost/|spdlog/|nlohmann/|toml)" ${pure})
forbid("threads" "include *<(thread|mutex|shared_mutex|atomic|condition_variable|future)>" ${pure})
forbid("files, sockets or processes" "include *<(fstream|filesystem|iostream|unistd\\.h|sys/|fcntl\\.h|spawn\\.h)" ${pure})
forbid("a clock" "(system_clock|steady_clock::now|high_resolution_clock|clock_gettime|gettimeofday|[^a-z_]time\\(nullptr\\))"
       ${pure})
forbid("randomness that is not handed in" "(random_device|mt19937|include *<random>|[^a-z_]s?rand\\()" ${pure})

sources_of(brain protocol include)
list(FILTER brain EXCLUDE REGEX "/protocol/wire/")
forbid("msgpack outside the codec" "include *<msgpack" ${brain})
forbid("an opinion or an adapter: arrows point inwards" "include *\"(src|actors|tests)/" ${brain})

sources_of(all_but_actors protocol include src tests)
forbid("CAF outside actors/" "(include *[<\"]caf/|caf::)" ${all_but_actors})

if(broken)
  message(FATAL_ERROR "purity is broken:\n${broken}")
endif()
