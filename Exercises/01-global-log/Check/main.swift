import CorfuChecks
import GlobalLogExercises

// The checks of chapter 1, on what you wrote. `swift run course check 1` runs this.
CheckProgram(
  RecordCodingChecks<RecordCodec>().checks
    + TailJudgingChecks<TailJudge>().checks
    + AppendRaceChecks<TailRace>().checks
    + TailBreakingChecks<GlobalLogExercises.TailBreaker>().checks
    + ReadSizingChecks<ReadWindow>().checks
).main()
