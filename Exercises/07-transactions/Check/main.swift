import CorfuChecks
import TransactionsExercises

// The checks of chapter 7, on what you wrote. `swift run course check 7` runs this.
CheckProgram(
  StreamWalkChecks<StreamWalk>().checks + ReplayChecks<Replay<Spelling>>().checks
    + ConflictChecks<ConflictWindow>().checks + CheckpointChecks<CheckpointSearch>().checks
    + WindowBreakingChecks<TransactionsExercises.WindowBreaker>().checks
    + StrideReadingChecks<StrideWindow>().checks
).main()
