#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "reports/whole_file.hpp"
#include "rig/commands.hpp"
#include "rig/executive.hpp"

namespace blondel {

int qualify_command(QualifyRequest request, bool quiet) {
  if (request.out.empty()) request.out = "qualify";
  if (request.processes == 0) request.processes = std::max(1u, std::thread::hardware_concurrency());
  bool crashed = false;
  const QualifyWorkshop::Report report = [&](const QualifyCase& c, const CaseResult& result, std::size_t done,
                                             std::size_t of) {
    // A process that died has no record and no steps.
    crashed |= result.steps.empty();
    if (quiet) return;
    fmt::print("[{:>4}/{}] {} {} (seed {}): {}\n", done, of, name(c.kind), c.name, c.seed, name(result.verdict));
    std::fflush(stdout);
  };
  const auto matrix = qualify(request, report);
  const std::filesystem::path out{request.out};
  write_whole_file(out / "qualify.json",
                   to_json(matrix).dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  write_whole_file(out / "qualify.html", fault_matrix_html(matrix));
  fmt::print("{}report: {}\n", fault_matrix_text(matrix), (out / "qualify.html").string());
  if (crashed) {
    fmt::print(stderr, "blondel: a run's process died; the matrix above has it as an error\n");
    return 3;
  }
  return matrix.shortfalls().empty() ? 0 : 1;
}

}  // namespace blondel
