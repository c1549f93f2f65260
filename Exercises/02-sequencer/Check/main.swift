import CorfuChecks
import SequencerExercises

// The checks of chapter 2, on what you wrote. `swift run course check 2` runs this.
CheckProgram(
  SequencerChecks<Sequencer>().checks
    + SequencerBreakingChecks<SequencerExercises.SequencerBreaker>().checks
    + WishGatheringChecks<WishRuns>().checks
).main()
