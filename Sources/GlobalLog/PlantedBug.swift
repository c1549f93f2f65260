/// Mistakes that can be switched on, to show that the checkers find them.
///
/// Only a build with the package trait `PlantedBugs` has them; everywhere else `planted` is `false`
/// and the branch is compiled away.
public enum PlantedBug: String, CaseIterable, Sendable {
  /// R6, D1: a failed sync is tried again, and the second answer believed.
  case retriesFailedSync
  /// R2: a write is acknowledged before it is durable.
  case acknowledgesBeforeSync
  /// R2: a reader sees what is not durable yet.
  case showsUnsynced
  /// D2: a write is synced through another descriptor than the one that wrote.
  case syncsAnotherDescriptor
  /// D3: the folder is not synced after a new file got its name.
  case forgetsFolderSync
  /// D4: a segment's room is not reserved; its file grows as it is written.
  case reservesNothing
  /// D5: a record's payload is not verified when it is read.
  case trustsPayload
  /// D6: a torn or damaged record ends recovery, whatever was durable behind it.
  case stopsAtFirstDamage
  /// R5, D6: what a crash left in the last segment is served without being written anew.
  case servesWhatItFinds
  /// D6: a footer that was found is taken for durable, and the rest of the file given back.
  case trustsFoundFooter
  /// D7: a record that was lost reads as empty.
  case forgetsLosses
  /// D7: a segment's file that somebody removed is not missed.
  case countsNoSegments
  /// D9: segments are removed before the trim mark is durable.
  case dropsBeforeMark
  /// R7: recovery does not carry the trim mark into the fresh segment.
  case losesTrimMark
  /// R1: a second write to a position wins.
  case overwrites
  /// D10: an index page that cannot be read says that nothing stands there.
  case trustsIndex
  /// D11: data may use the last segment of a full disk.
  case spendsReserve
  /// D11: the last spare segment is taken into use, and recovery finds no room.
  case usesLastSpare
  /// D12: a folder is opened, whoever else has it.
  case ignoresLock
  /// D13: the scrub ends after a segment.
  case scrubsOneSegment
  /// D9: compaction removes a segment before its copies are durable.
  case retiresUnsynced
  /// R7: compaction does not say again which positions a removed segment said were trimmed.
  case forgetsTrims
  /// R20: a trim that meets a copy under way is taken for done.
  case losesRacingTrim
  /// D10: the count of live bytes takes no notice of trims.
  case miscountsLive
  /// R28: a range copy takes junk for nothing.
  case rangeCopySkipsJunk
  /// R28: a range copy does not copy the trims that were made meanwhile.
  case rangeCopyForgetsTrims
  /// R28: a range copy does not look at what it wrote.
  case rangeCopyTrustsTarget
  /// R4, D8: a seal is answered before it is durable.
  case forgetsSealSync
  /// D6: what rot took is read from a peer, and never brought back.
  case leavesRot
  /// D6: whoever writes to a position whose record rotted gets it.
  case writesOverRot

  /// R4: a seal is answered while writes of the epoch are still on their way.
  case sealsOverWrites

  /// R3: a sealed epoch is served all the same.
  case admitsSealedEpochs
  /// R3: an epoch that was not installed is served.
  case admitsTheFuture

  /// R10: a token is handed on that was taken for an earlier append.
  case stocksTokens
  /// R13: what the sequencer says that it never handed out is taken for empty, and not read.
  case believesTheSequencer
  /// R14: a chain is written from its tail to its head.
  case writesTailFirst
  /// R14: the tail of a chain is left out.
  case skipsTheTail
  /// R15: a position that another has won counts as won.
  case takesLostForWritten
  /// R15: one's own entry at a position is taken for another's.
  case doubtsItself
  /// R16: an append without an answer is tried again elsewhere.
  case retriesUnknown
  /// R17: a filler says "junk" whatever it finds.
  case fillsWithoutAdopting
  /// R17: positions are filled that nobody was given.
  case fillsTheFuture
  /// R18: readers ask the head.
  case readsTheHead
  /// R20: a trim ends at the head.
  case trimsHeadOnly
  /// R21: a hole is waited for, and never filled.
  case waitsForHoles

  /// R19: what was heard in an epoch is told without asking whether the epoch is over.
  case tellsUnconfirmed
  /// R22: units go on that nobody has sealed.
  case keepsUnsealed
  /// R23: the survivors of a chain change their places.
  case reordersSurvivors
  /// R24: a chain whose units are all silent is given up, and nobody was asked.
  case givesUpTheSilent
  /// R24: what was given up reads as what those who stand in for the lost have: nothing, or junk.
  case forgetsGivenUp
  /// R24: whoever appoints acceptors asks nobody whether there is a newer layout.
  case appointsUnasked
  /// R25: what one proposed comes into force, whatever was chosen.
  case installsItsOwn
  /// R27: a vote is told before it is durable, and is not there after a crash.
  case forgetsVotes
  /// R30: positions take turns from where their span begins.
  case rotatesBySpan
  /// R28: a unit joins a chain before it was given all that the others have.
  case joinsUncopied
  /// R28: the trims that were made during a copy are not copied.
  case joinsWithoutTrims
  /// R28: a copy goes over holes, which may be filled later.
  case copiesOverHoles
  /// R29: a unit that comes back is taken up with what it has.
  case takesBackUnreset
  /// D12: an older image of a disk is taken for the disk.
  case servesOldImages

  /// R9: a process serves a reign that names another life of it.
  case reignsUnnamed
  /// R9: an install that arrives twice sets the counter back.
  case installsTwice
  /// R9: a sealed sequencer goes on handing out positions.
  case forgetsSeal
  /// R11: a new reign begins at 0.
  case beginsAtZero
  /// R11: a new reign begins at what the first replica that answered has.
  case asksOneReplica
  /// R11: the tail that the old sequencer told is not asked for.
  case forgetsOldTail
  /// R12: a stream that was forgotten reads as empty.
  case forgottenReadsEmpty
  /// R12: a census is believed though a replica could not vouch.
  case believesHalfCensus
  /// A batch gets its first position only.
  case countsBatchAsOne

  /// R31: a walk ends where all four positions that an entry points at lead to junk.
  case stopsAtLostPointers
  /// R32: an object is read as it is here, old or not.
  case readsUnsynced
  /// R32: where the log ends is believed though another reign has begun before that.
  case trustsOldEnds
  /// R33: an update's outcome is that of the last update that was played.
  case tellsAnotherOutcome
  /// R34: what a token writes is noted only after the next one was judged.
  case judgesApart
  /// R34: a token that does not say which keys it writes moves none.
  case forgetsKeylessTokens
  /// R35: of a transaction's entry one object's part is applied.
  case appliesHalf
  /// R36: a transaction that lost its position takes the next one.
  case retriesLostCommits
  /// R37: a sequencer that takes over believes that nothing moved before.
  case keepsWindow
  /// R37: a key that was forgotten is taken for unmoved.
  case takesForgottenForUnmoved
  /// R38: a checkpoint without an end counts.
  case countsHalfCheckpoints
  /// R38: the checkpoint counts that began last, whatever moment it is of.
  case takesLastCheckpoint
  /// R38: what no checkpoint holds is trimmed.
  case trimsBeyondCheckpoints
  /// R38: who goes back position by position does not mind what is trimmed.
  case overlooksTrims
}

extension PlantedBug {
  /// The part of the system that has the bug, and with it what may find it.
  public enum Home: Sendable {
    /// The durable log.
    case store
    /// The counter that hands out positions.
    case sequencer
    /// A range on its way from one unit to another.
    case rangeCopy
    /// Units, chains and clients together.
    case cluster
    /// How layouts are decided, and what a cluster does when they change.
    case configurator
    /// Objects, transactions and their checkpoints.
    case objects
  }

  /// Where the bug is.
  public var home: Home {
    switch self {
    case .retriesFailedSync, .acknowledgesBeforeSync, .showsUnsynced, .forgetsFolderSync,
      .trustsPayload, .stopsAtFirstDamage, .servesWhatItFinds, .forgetsLosses, .dropsBeforeMark,
      .losesTrimMark, .overwrites, .spendsReserve, .trustsIndex, .usesLastSpare, .ignoresLock,
      .scrubsOneSegment, .syncsAnotherDescriptor, .reservesNothing, .trustsFoundFooter,
      .retiresUnsynced, .forgetsTrims, .losesRacingTrim, .miscountsLive, .countsNoSegments:
      .store
    case .reignsUnnamed, .installsTwice, .forgetsSeal, .beginsAtZero, .asksOneReplica,
      .forgetsOldTail, .forgottenReadsEmpty, .believesHalfCensus, .countsBatchAsOne:
      .sequencer
    case .leavesRot, .writesOverRot, .forgetsSealSync, .sealsOverWrites, .admitsSealedEpochs,
      .admitsTheFuture, .stocksTokens, .believesTheSequencer, .writesTailFirst, .skipsTheTail,
      .takesLostForWritten, .doubtsItself, .retriesUnknown, .fillsWithoutAdopting,
      .fillsTheFuture, .readsTheHead, .trimsHeadOnly, .waitsForHoles:
      .cluster
    case .tellsUnconfirmed, .keepsUnsealed, .reordersSurvivors, .givesUpTheSilent,
      .forgetsGivenUp, .appointsUnasked, .installsItsOwn, .forgetsVotes, .rotatesBySpan,
      .joinsUncopied, .joinsWithoutTrims, .copiesOverHoles, .takesBackUnreset, .servesOldImages:
      .configurator
    case .stopsAtLostPointers, .readsUnsynced, .trustsOldEnds, .tellsAnotherOutcome, .judgesApart,
      .forgetsKeylessTokens, .appliesHalf, .retriesLostCommits, .keepsWindow,
      .takesForgottenForUnmoved, .countsHalfCheckpoints, .takesLastCheckpoint,
      .trimsBeyondCheckpoints, .overlooksTrims:
      .objects
    case .rangeCopySkipsJunk, .rangeCopyForgetsTrims, .rangeCopyTrustsTarget: .rangeCopy
    }
  }
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
