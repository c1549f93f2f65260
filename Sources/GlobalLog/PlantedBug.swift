/// Mistakes that can be switched on, to show that the checkers find them.
///
/// Only a build with the package trait `PlantedBugs` has them; everywhere else `planted` is `false`
/// and the branch is compiled away.
public enum PlantedBug: String, CaseIterable, Sendable {
  /// D1: a failed sync is tried again, and the second answer believed.
  case retriesFailedSync
  /// R2: a write is acknowledged before it is durable.
  case acknowledgesBeforeSync
  /// R2: a reader sees what is not durable yet.
  case showsUnsynced
  /// D3: the folder is not synced after a new file got its name.
  case forgetsFolderSync
  /// D5: a record's payload is not verified when it is read.
  case trustsPayload
  /// D6: a torn or damaged record ends recovery, whatever was durable behind it.
  case stopsAtFirstDamage
  /// D6: what a crash left in the last segment is served without being written anew.
  case servesWhatItFinds
  /// D7: a record that was lost reads as empty.
  case forgetsLosses
  /// D9: segments are removed before the trim mark is durable.
  case dropsBeforeMark
  /// R7: recovery does not carry the trim mark into the fresh segment.
  case losesTrimMark
  /// R1: a second write to a position wins.
  case overwrites
  /// D11: data may use the last segment of a full disk.
  case spendsReserve
  /// R4, D8: a seal is answered before it is durable.
  case forgetsSealSync
  /// R4: a seal is answered while writes of the epoch are still on their way.
  case sealsOverWrites
}

#if PlantedBugs
/// The bug that is switched on.
///
/// Set once, before anything runs.
nonisolated(unsafe) public var plantedBug: PlantedBug?
#endif

/// Whether a bug is switched on.
@inline(__always)
package func planted(_ bug: PlantedBug) -> Bool {
  #if PlantedBugs
  plantedBug == bug
  #else
  false
  #endif
}
