#pragma once

#include <optional>
#include <vector>

// The guide says that a Series 4000-K works its results out once a second, and leaves open whether the pulses of a
// second then come in a burst. Such pulses tell only how many were complete at each update.

namespace blondel::series_4000_k {

/// A rate of which nothing but whole counts was seen.
struct RateBounds {
  double least{}, most{};  ///< pulses an update
  double middle() const { return (least + most) / 2; }
  double half_width() const { return (most - least) / 2; }
};

/// The rate of a steady load from counts at updates. After update m a meter has given floor(a + r·m) pulses, a unknown,
/// so every two updates bound r: (ΔN - 1) / Δm < r < (ΔN + 1) / Δm; all pairs together bound it far closer than the
/// first and the last. Counts that no straight line explains widen the bounds until one does.
/// @param given  pulses since the first update, at each update from it on: begins with 0, never falls
/// @returns nothing for fewer than three updates, without any pulse, or where the counts are more than two pulses away
///          from every straight line.
/// Source: the slopes of a digital straight segment, Dorst and Smeulders, IEEE Trans. PAMI 6 (1984).
std::optional<RateBounds> rate_from_counts(const std::vector<int>& given);

/// How many updates it takes until counts bound a rate to ± `within`, at worst over where the count begins and over
/// rates near it. Near a simple fraction it takes longest.
/// @param rate    pulses an update, above 0
/// @param within  of the rate, above 0
/// @returns at most `most`, also where that is not enough.
int updates_to_tell(double rate, double within, int most);

}  // namespace blondel::series_4000_k
