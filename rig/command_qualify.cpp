#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "rig/commands.hpp"
#include "rig/executive.hpp"

namespace blondel {

int qualify_command(QualifyRequest request, bool quiet) {
  if (request.out.empty()) request.out = "qualify";
  if (request.processes == 0) request.processes = std::max(1u, std::thread::hardware_concurrency());
  const QualifyWorkshop::Report report = [&](const QualifyCase& c, const CaseResult& result, std::size_t done,
                                             std::size_t of) {
    if (quiet) return;
    fmt::print("[{:>4}/{}] {} {} (seed {}): {}\n", done, of, name(c.kind), c.name, c.seed,
               result.died ? "died" : name(result.verdict));
    std::fflush(stdout);
  };
  const auto matrix = qualify(request, report);
  fmt::print("{}report: {}\n", fault_matrix_text(matrix),
             (std::filesystem::path{request.out} / "qualify.html").string());
  if (matrix.scope.stopped) return exit_code_of(Fault::cancelled);
  if (!matrix.died.empty()) return 3;
  return matrix.shortfalls().empty() ? 0 : 1;
}

}  // namespace blondel
