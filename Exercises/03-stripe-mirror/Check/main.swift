import CorfuChecks
import StripeMirrorExercises

// The checks of chapter 3, on what you wrote. `swift run course check 3` runs this.
CheckProgram(
  PositionMappingChecks<RoundRobin>().checks + ChainWritingChecks<ChainWriter>().checks
    + ChainReadingChecks<ChainReader>().checks
    + ChainBreakingChecks<StripeMirrorExercises.ChainBreaker>().checks
    + ChainSharingChecks<ChainShares>().checks
).main()
