import CopyCompactionExercises
import CorfuChecks

// The checks of chapter 4, on what you wrote. `swift run course check 4` runs this.
CheckProgram(
  TrimSetChecks<PositionSet>().checks + CompactionPolicyChecks<CompactionPlan>().checks
    + SegmentMovingChecks<SegmentMove>().checks
    + MoveBreakingChecks<CopyCompactionExercises.MoveBreaker>().checks
    + PageTouchingChecks<TouchedPages>().checks
).main()
