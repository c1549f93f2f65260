import CorfuChecks
import WriteOnceExercises

// The checks of chapter 5, on what you wrote. `swift run course check 5` runs this.
CheckProgram(
  EpochAdmissionChecks<EpochGate>().checks + ChainFillingChecks<ChainFiller>().checks
    + AppendResolvingChecks<AppendResolver>().checks
    + FillBreakingChecks<WriteOnceExercises.FillBreaker>().checks
    + HolePausingChecks<HolePauses>().checks
).main()
