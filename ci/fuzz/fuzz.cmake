# A harness is a file with LLVMFuzzerTestOneInput; the bytes that reached something new are kept beside it, in
# corpus/<name>/. With BLONDEL_FUZZ (preset `fuzz`, clang) it becomes a libFuzzer program; otherwise a test that feeds
# the harness what was kept, so that whatever was found once stays found.
option(BLONDEL_FUZZ "Compile the fuzz harnesses as libFuzzer programs" OFF)

# blondel_fuzz(NAME LIBS targets...): the harness NAME.cpp in this folder.
function(blondel_fuzz name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  if(BLONDEL_FUZZ)
    add_executable(${name} ${name}.cpp)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer -fprofile-instr-generate)
    add_dependencies(fuzz_harnesses ${name})
  else()
    add_executable(${name} ${name}.cpp ${PROJECT_SOURCE_DIR}/ci/fuzz/replay_corpus.cpp)
    add_test(NAME ${name}.corpus COMMAND ${name} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
    set_tests_properties(${name}.corpus PROPERTIES TIMEOUT 120)
  endif()
  target_link_libraries(${name} PRIVATE blondel_settings ${arg_LIBS} fmt::fmt)
endfunction()

# blondel_fuzz_coverage(sources...): the parsers whose lines ci/long/fuzz counts. clang 14 cannot count in coroutines.
function(blondel_fuzz_coverage)
  if(BLONDEL_FUZZ)
    set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS -fprofile-instr-generate -fcoverage-mapping)
    set_property(SOURCE ${ARGN} PROPERTY SKIP_PRECOMPILE_HEADERS ON)
  endif()
endfunction()

if(BLONDEL_FUZZ)
  add_custom_target(fuzz_harnesses)
endif()
